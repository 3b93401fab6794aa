'use client'
// Everything that is known of one operation, and another try for what failed or was held.

import type { GithubStatus, SyncOperation } from '@skein/protocol'
import { RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRetryOperation } from '../../lib/api/github.ts'
import { formatExactly } from '../../lib/time.ts'
import { durationToWords, triggerToWords } from './operation-words.ts'
import { countOf, labelOf, modeChoices } from './sync-words.ts'

export function OperationDetails({
  projectId,
  github,
  operation,
  canRetry,
}: {
  projectId: string
  github: GithubStatus
  operation: SyncOperation
  canRetry: boolean
}) {
  const retry = useRetryOperation(projectId)
  const isRetryable = operation.direction !== 'event' && (operation.state === 'failed' || operation.state === 'held')
  const { error, note, state } = operation
  return (
    <div className="op-details">
      {error && (
        <p className="op-error">
          {error.message} <code className="faint">{error.code}</code>
        </p>
      )}
      {!error && state === 'held' && note && <p className="op-error">{note}</p>}
      <dl>
        {factsOf(operation, github).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {isRetryable && canRetry && (
        <div className="row">
          <Button size="sm" busy={retry.isPending} onClick={() => retry.mutate(operation.id)}>
            <Icon of={RotateCcw} size="sm" /> Try again
          </Button>
          {retry.error && (
            <span className="bad xs" role="alert">
              {toApiError(retry.error).message} {toApiError(retry.error).hint}
            </span>
          )}
        </div>
      )}
    </div>
  )
}

/** An oid, with a link where GitHub has that commit: what was pushed, and not merges that wait to be. */
function CommitLink({ oid, github }: { oid: string | null; github: GithubStatus | null }) {
  if (!oid) return <span className="faint">none</span>
  if (!github?.repository) return <code>{oid}</code>
  return (
    <a className="link" href={`${github.repository.url}/commit/${oid}`} target="_blank" rel="noreferrer">
      <code>{oid}</code>
    </a>
  )
}

/** Only what is known stands there. */
function factsOf(operation: SyncOperation, github: GithubStatus): [string, ReactNode][] {
  const { oidBefore, oidAfter, commits, files, insertions, deletions, conflicts, branch, delivery } = operation
  const { attempts, quotaLeft, startedAt, mode, trigger, pullRequest } = operation
  const took = durationToWords(operation)
  const isEvent = operation.direction === 'event'
  const holder = operation.direction === 'push' && operation.state === 'done' ? github : null
  const facts: [string, ReactNode, boolean][] = [
    ['Before', <CommitLink key="before" oid={oidBefore} github={holder} />, oidBefore !== null || oidAfter !== null],
    ['After', <CommitLink key="after" oid={oidAfter} github={holder} />, oidBefore !== null || oidAfter !== null],
    ['Branch', branch, branch !== null],
    ['Pull request', pullRequest, pullRequest !== null],
    ['Commits', commits, commits !== null],
    [
      'Files',
      <span key="files" className="num">
        {files} <span className="good">+{insertions ?? 0}</span> <span className="bad">−{deletions ?? 0}</span>
      </span>,
      files !== null,
    ],
    ['Left for review', countOf(conflicts ?? 0, 'line'), (conflicts ?? 0) > 0],
    ['Why', triggerToWords(trigger), true],
    ['How work left', labelOf(modeChoices, mode), !isEvent],
    ['Delivery', <code key="delivery">{delivery}</code>, delivery !== null],
    ['Attempts', attempts, attempts > 0 && !isEvent],
    ['Began', formatExactly(startedAt), true],
    ['Took', took, took !== null && !isEvent],
    ['Requests left then', quotaLeft?.toLocaleString('en-GB'), quotaLeft !== null],
  ]
  return facts.filter(([, , isKnown]) => isKnown).map(([term, value]) => [term, value])
}
