'use client'
// What keeps GitHub's side waiting, each with its sentence and its ways out. What is safe stands in it; the first notice that
// needs a person has the one primary button of the page.

import type { GithubStatus } from '@skein/protocol'
import { GitPullRequestClosed, Pause, Shuffle } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { githubSettingsPath, reviewPath } from '../../lib/paths.ts'
import { formatUntil } from '../../lib/time.ts'
import { countOf } from './sync-words.ts'
import type { SyncActions } from './use-sync-actions.ts'
import { ViewLink } from './view-link.tsx'
import { type Condition, conditionOf, isConflictCode, isSecretCode, splitReason, type WayOut } from './way-out.ts'

type SyncNoticesProps = {
  reference: string
  github: GithubStatus
  /** Commits of the pull that left something to review; null when that is not known. */
  pulled: number | null
  now: Date
  canSync: boolean
  canChange: boolean
  actions: SyncActions
}

export function SyncNotices(props: SyncNoticesProps) {
  const { github, now, canSync, actions } = props
  const { reason, openConflicts, pullRequest } = github
  const isPaused = github.state === 'paused'
  const hasConflicts = openConflicts > 0
  const isToldElsewhere = isSecretCode(reason?.code) || (hasConflicts && isConflictCode(reason?.code))
  const condition = !isPaused && reason && !isToldElsewhere ? conditionOf(reason.code, github) : null
  const told = condition && reason ? splitReason(reason.message, condition) : null
  const isClosedUntold = !isPaused && pullRequest?.state === 'closed' && reason?.code !== 'pull-request-closed'
  return (
    <>
      {hasConflicts && <ConflictsNotice {...props} />}
      {condition && reason && told && (
        <Notice
          kind="warn"
          title={told.title}
          action={<Ways {...props} condition={condition} isFirst={!hasConflicts} />}
        >
          <p>
            {told.rest} {nextTryToWords(reason.nextAt, now)}
          </p>
        </Notice>
      )}
      {!condition && !hasConflicts && github.state === 'held' && !isSecretCode(reason?.code) && (
        <Notice
          kind="warn"
          title="Pushing is held."
          action={canSync && <Button onClick={actions.check}>Try again</Button>}
        >
          Nothing here or there was overwritten. Editing and committing go on.
        </Notice>
      )}
      {isClosedUntold && <ClosedNotice {...props} />}
      {isPaused && <PausedNotice {...props} />}
      {github.modeReason && (
        <Notice icon={Shuffle} title="Skein changed how work leaves.">
          {github.modeReason}
        </Notice>
      )}
    </>
  )
}

function ClosedNotice({ github: { pullRequest, openConflicts }, canSync, actions }: SyncNoticesProps) {
  return (
    <Notice
      kind="warn"
      icon={GitPullRequestClosed}
      title={`Pull request ${pullRequest?.number} was closed on GitHub.`}
      action={
        canSync && (
          <Button
            kind={openConflicts > 0 ? 'plain' : 'primary'}
            busy={actions.work?.kind === 'pull-request'}
            onClick={actions.startPullRequest}
          >
            Start a new one
          </Button>
        )
      }
    >
      What it held is safe here. Pushing waits until somebody says that it shall go on.
    </Notice>
  )
}

function PausedNotice({ github, canChange, actions }: SyncNoticesProps) {
  return (
    <Notice
      icon={Pause}
      title={github.pausedBy ? `${github.pausedBy} paused the sync.` : 'The sync is paused.'}
      action={
        canChange && (
          <Button
            kind={github.openConflicts > 0 ? 'plain' : 'primary'}
            busy={actions.work?.kind === 'change' && actions.work.change.paused === false}
            onClick={() => actions.change({ paused: false })}
          >
            Go on with sync
          </Button>
        )
      }
    >
      Editing and committing go on. Nothing goes to GitHub, and nothing comes from it unless somebody checks
      {github.waitingCommits > 0 && `; ${countOf(github.waitingCommits, 'commit')} wait in order`}.
    </Notice>
  )
}

function ConflictsNotice({ reference, github: { openConflicts, overlaps }, pulled, canSync }: SyncNoticesProps) {
  const lines = countOf(openConflicts, 'line')
  const came =
    pulled === null
      ? 'Everything else from GitHub is merged.'
      : pulled === 1
        ? `1 commit from GitHub is merged except for ${openConflicts === 1 ? 'this line' : 'these lines'}.`
        : `${pulled} commits from GitHub are merged except for ${openConflicts === 1 ? 'this line' : 'these lines'}.`
  return (
    <Notice
      kind="warn"
      title={`${lines} changed both here and on GitHub.`}
      action={
        <ViewLink kind="primary" href={reviewPath(reference)}>
          {canSync ? `Review ${lines}` : `Show ${lines}`}
        </ViewLink>
      }
    >
      {came} Nothing was overwritten.{' '}
      {overlaps === 'branch'
        ? 'Editing, committing and pushing go on; ours go to a pull request meanwhile.'
        : 'Editing and committing go on; pushing waits, because it would undo the other side.'}
      {!canSync && ' Editors of this project decide.'}
    </Notice>
  )
}

function Ways({
  reference,
  canSync,
  canChange,
  actions,
  condition,
  isFirst,
}: SyncNoticesProps & { condition: Condition; isFirst: boolean }) {
  const mayTake: Record<WayOut['do'], boolean> = {
    check: canSync,
    open: true,
    settings: canChange,
    'pull-request': canChange,
    'new-pull-request': canSync,
  }
  const ways = condition.ways.filter((way) => mayTake[way.do])
  if (ways.length === 0) return null
  return (
    <span className="ways">
      {ways.map((way, index) => (
        <Way
          key={way.do}
          way={way}
          kind={index === 0 && isFirst && !condition.isPassing ? 'primary' : 'plain'}
          reference={reference}
          actions={actions}
        />
      ))}
    </span>
  )
}

function Way({
  way,
  kind,
  reference,
  actions,
}: {
  way: WayOut
  kind: 'primary' | 'plain'
  reference: string
  actions: SyncActions
}): ReactNode {
  const { work } = actions
  switch (way.do) {
    case 'check':
      return (
        <Button kind={kind} busy={work?.kind === 'check'} onClick={actions.check}>
          {way.label}
        </Button>
      )
    case 'open':
      return (
        <a className={kind === 'primary' ? 'btn btn-primary' : 'btn'} href={way.href} target="_blank" rel="noreferrer">
          {way.label}
        </a>
      )
    case 'settings':
      return (
        <LinkButton kind={kind} href={githubSettingsPath(reference)}>
          {way.label}
        </LinkButton>
      )
    case 'pull-request':
      return (
        <Button kind={kind} busy={work?.kind === 'change'} onClick={() => actions.change({ mode: 'protected_pr' })}>
          {way.label}
        </Button>
      )
    case 'new-pull-request':
      return (
        <Button kind={kind} busy={work?.kind === 'pull-request'} onClick={actions.startPullRequest}>
          {way.label}
        </Button>
      )
  }
}

function nextTryToWords(nextAt: string | null, now: Date): string {
  if (!nextAt) return ''
  return new Date(nextAt) > now ? `The next try is ${formatUntil(nextAt, now)}.` : 'The next try is due.'
}
