'use client'
// Possible secrets that keep a push back: where each is, and the way past it, with a word that stays on record. Their text is
// never sent here.

import type { SecretFinding } from '@skein/protocol'
import { ShieldAlert } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useReleaseSecret } from '../../lib/api/github.ts'
import { filePath } from '../../lib/paths.ts'
import { countOf, shortOid } from './sync-words.ts'
import { ViewLink } from './view-link.tsx'

export function SecretFindings({
  projectId,
  reference,
  findings,
  canRelease,
}: {
  projectId: string
  reference: string
  findings: readonly SecretFinding[]
  canRelease: boolean
}) {
  const { length } = findings
  return (
    <section className="notice notice-warn secrets" aria-label="Possible secrets">
      <Icon of={ShieldAlert} />
      <div className="grow">
        <b className="strong">
          {length === 1 ? 'A possible secret' : countOf(length, 'possible secret')} would leave with the next push.
        </b>
        <p className="quiet">
          Nothing has left. Editing and committing go on; pushing waits. Take it out of the file and, if it was real,
          make it invalid where it is used; or let it pass if it is none.
        </p>
        <ul className="findings">
          {findings.map((finding) => (
            <Finding key={finding.id} {...{ projectId, reference, finding, canRelease }} />
          ))}
        </ul>
        {!canRelease && <p className="quiet">Editors of this project can let it pass.</p>}
      </div>
    </section>
  )
}

function Finding({
  projectId,
  reference,
  finding,
  canRelease,
}: {
  projectId: string
  reference: string
  finding: SecretFinding
  canRelease: boolean
}) {
  const [isAsking, setIsAsking] = useState(false)
  const release = useReleaseSecret(projectId)
  const { id, path, line, message, commit } = finding
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget).get('note') ?? '').trim()
    release.mutate({ id, note })
  }
  return (
    <li>
      <div className="finding">
        <span className="grow">
          <ViewLink className="link strong" href={`${filePath(reference, path)}?line=${line}`}>
            {path}, line {line}
          </ViewLink>{' '}
          <span className="quiet">{message.replace(/:?\s*\*{3,}\W*$/, '')}</span>{' '}
          <span className="faint">
            in <code>{shortOid(commit)}</code>
          </span>
        </span>
        {canRelease && !isAsking && (
          <Button size="sm" onClick={() => setIsAsking(true)}>
            Let it pass
          </Button>
        )}
      </div>
      {isAsking && (
        <form className="finding-form" onSubmit={submit}>
          <TextField
            label="Why it is none"
            name="note"
            maxLength={300}
            autoComplete="off"
            autoFocus
            placeholder="A sample from the manual"
            hint="Kept beside your name in what happened."
            fault={release.error && `${toApiError(release.error).message} ${toApiError(release.error).hint ?? ''}`}
          />
          <div className="row">
            <Button type="submit" kind="primary" size="sm" busy={release.isPending}>
              Let line {line} pass
            </Button>
            <Button size="sm" kind="quiet" onClick={() => setIsAsking(false)}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </li>
  )
}
