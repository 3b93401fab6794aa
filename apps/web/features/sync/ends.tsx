'use client'
// Where both sides stand, and how work goes from one to the other. The choices are selects for those who may change them and
// plain words for everybody else.

import type { GithubStatus, OverlapPolicy, Project, ProjectStatus, SyncMode } from '@skein/protocol'
import { useId } from 'react'
import { Select } from '../../components/field.tsx'
import { Knot } from '../../components/knot.tsx'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import type { Drift } from './drift.ts'
import { DriftDrawing } from './drift-drawing.tsx'
import { formatSeconds, labelOf, modeChoices, overlapChoices, shortOid } from './sync-words.ts'
import type { SyncActions } from './use-sync-actions.ts'

type EndsProps = {
  project: Project
  github: GithubStatus
  head: ProjectStatus['head'] | undefined
  drift: Drift
  now: Date
  canChange: boolean
  actions: SyncActions
}

export function Ends({ project, github, head, drift, now, canChange, actions }: EndsProps) {
  return (
    <section className="ends" aria-label="Where both sides stand">
      <div className="end">
        <span className="faint xs">Here</span>
        <b className="strong clip">
          {project.name}, {project.defaultBranch}
        </b>
        <span className="end-facts quiet">
          {head ? (
            <>
              <code>{shortOid(head.oid)}</code>
              <span className="faint" title={formatExactly(head.committedAt)}>
                {formatAgo(head.committedAt, now)}, {head.authorName}
              </span>
            </>
          ) : (
            <span className="faint">No commit yet</span>
          )}
        </span>
      </div>
      <DriftDrawing drift={drift} />
      <GithubEnd github={github} now={now} />
      <span className="grow only-wide" />
      <div className="choices">
        <Choice
          label="How work leaves"
          value={github.mode}
          choices={modeChoices}
          canChange={canChange}
          isBusy={actions.work?.kind === 'change' && actions.work.change.mode !== undefined}
          onChange={(mode: SyncMode) => actions.change({ mode })}
        />
        <Choice
          label="When both change a line"
          value={github.overlaps}
          choices={overlapChoices}
          canChange={canChange}
          isBusy={actions.work?.kind === 'change' && actions.work.change.overlaps !== undefined}
          onChange={(overlaps: OverlapPolicy) => actions.change({ overlaps })}
        />
      </div>
    </section>
  )
}

function GithubEnd({ github, now }: { github: GithubStatus; now: Date }) {
  const { repository, remote, pushedOid, pushedAt, commitUrl } = github
  if (!repository) return null
  const where = `${repository.branch}${repository.directory ? `, folder ${repository.directory}` : ''}`
  return (
    <div className="end">
      <span className="faint xs">GitHub</span>
      <a className="link strong clip" href={repository.url} target="_blank" rel="noreferrer">
        {repository.fullName}
      </a>
      <span className="end-facts quiet">
        {remote?.oid && <code>{shortOid(remote.oid)}</code>}
        <span className="faint" title={remote?.checkedAt ? formatExactly(remote.checkedAt) : undefined}>
          {where}
          {remote?.checkedAt ? `, checked ${formatSeconds(remote.checkedAt, now)}` : ', not looked at yet'}
        </span>
      </span>
      <span className="end-facts quiet">
        {pushedOid && pushedAt ? (
          <>
            {commitUrl ? (
              <a className="link" href={commitUrl} target="_blank" rel="noreferrer">
                <code>{shortOid(pushedOid)}</code>
              </a>
            ) : (
              <code>{shortOid(pushedOid)}</code>
            )}
            <span className="faint" title={formatExactly(pushedAt)}>
              last push, {formatAgo(pushedAt, now)}
            </span>
          </>
        ) : (
          <span className="faint">Nothing pushed yet</span>
        )}
      </span>
    </div>
  )
}

function Choice<Value extends string>({
  label,
  value,
  choices,
  canChange,
  isBusy,
  onChange,
}: {
  label: string
  value: Value
  choices: readonly { value: Value; label: string; meaning: string }[]
  canChange: boolean
  isBusy: boolean
  onChange: (value: Value) => void
}) {
  const id = useId()
  const meaning = choices.find((choice) => choice.value === value)?.meaning
  if (!canChange) {
    return (
      <div className="end" title={meaning}>
        <span className="faint xs">{label}</span>
        <span>{labelOf(choices, value)}</span>
      </div>
    )
  }
  return (
    <div className="end">
      <label className="faint xs" htmlFor={id}>
        {label} {isBusy && <Knot kind="busy" />}
      </label>
      <Select
        small
        id={id}
        title={meaning}
        value={value}
        disabled={isBusy}
        aria-busy={isBusy}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.target.value)
          if (chosen) onChange(chosen.value)
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </Select>
    </div>
  )
}
