'use client'
// A link to GitHub as it stands: what GitHub has confirmed, what waits and why, and what can be done about it.

import type { GithubStatus, Project } from '@skein/protocol'
import { RefreshCw, Unlink } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Knot, type KnotKind } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useSyncGithub, useUnlinkGithub } from '../../lib/api/github.ts'
import { formatAgo, formatExactly, formatUntil } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { FormFault } from '../account/form-fault.tsx'

/** The state of a link that exists. */
export function GithubLink({
  project,
  status,
  canChange,
}: {
  project: Project
  status: GithubStatus
  canChange: boolean
}) {
  const now = useNow()
  const sync = useSyncGithub(project.id)
  const unlink = useUnlinkGithub(project.id)
  const toast = useToast()
  const error = sync.error ?? unlink.error
  const again = (
    <Button busy={sync.isPending} onClick={() => sync.mutate()}>
      <Icon of={RefreshCw} size="sm" /> Try again
    </Button>
  )
  return (
    <>
      {error && <FormFault error={toApiError(error)} />}
      {status.state === 'held' && (
        <Notice kind="warn" title="Pushing is held." action={again}>
          <p>{status.reason?.message} Editing and committing go on; nothing here or there was overwritten.</p>
        </Notice>
      )}
      {status.state === 'waiting' && status.reason && (
        <Notice kind="warn" title="GitHub away" action={again}>
          <p>
            {status.reason.message} Commits wait in order{nextTryToWords(status.reason.nextAt, now)}.
          </p>
        </Notice>
      )}
      <div className="card facts-card">
        {status.repository && (
          <div>
            <span className="grow">
              <a className="link strong" href={status.repository.url} target="_blank" rel="noreferrer">
                {status.repository.fullName}
              </a>{' '}
              <span className="faint">branch {status.repository.branch}</span>
            </span>
            {canChange && (
              <Button
                size="sm"
                busy={unlink.isPending}
                onClick={() =>
                  unlink.mutate(undefined, {
                    onSuccess: () =>
                      toast({ icon: Unlink, words: <>Unlinked; {status.repository?.fullName} stays as it is</> }),
                  })
                }
              >
                Unlink
              </Button>
            )}
          </div>
        )}
        <Pushed status={status} now={now} />
      </div>
    </>
  )
}

function nextTryToWords(nextAt: string | null, now: Date): string {
  if (!nextAt) return ''
  return new Date(nextAt) > now ? `; the next try is ${formatUntil(nextAt, now)}` : '; the next try is due'
}

function factOf(status: GithubStatus): { knot: KnotKind; words: string } {
  if (status.state === 'held') return { knot: 'warn', words: 'Last push' }
  if (status.state === 'waiting') return { knot: status.reason ? 'warn' : 'busy', words: 'Last push' }
  return { knot: 'done', words: 'Pushed' }
}

function Pushed({ status, now }: { status: GithubStatus; now: Date }) {
  const { knot, words } = factOf(status)
  const waiting =
    status.waitingCommits === 0
      ? null
      : status.waitingCommits === 1
        ? '1 commit waiting'
        : `${status.waitingCommits} commits waiting`
  return (
    <div>
      {status.pushedOid && status.pushedAt ? (
        <>
          <Knot kind={knot} />
          <span title={formatExactly(status.pushedAt)}>
            {words}{' '}
            {status.commitUrl ? (
              <a className="link" href={status.commitUrl} target="_blank" rel="noreferrer">
                <code>{status.pushedOid.slice(0, 7)}</code>
              </a>
            ) : (
              <code>{status.pushedOid.slice(0, 7)}</code>
            )}{' '}
            {formatAgo(status.pushedAt, now)}
          </span>
        </>
      ) : (
        <>
          <Knot kind={status.state === 'pushed' ? 'open' : knot} />
          <span>Nothing pushed yet</span>
        </>
      )}
      {waiting && <span className="faint">{waiting}</span>}
    </div>
  )
}
