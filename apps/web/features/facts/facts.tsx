'use client'
// The thread of facts in the top bar: saved, committed, pushed. The first one is visible at every width. A press, Enter or
// ⌘S opens the details, where “Commit now” already has the focus.

import { Commit, type ProjectStatus } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { GitCommitHorizontal } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Knot } from '../../components/knot.tsx'
import { useToast } from '../../components/toast.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { projectKey } from '../../lib/api/projects.ts'
import { API, request } from '../../lib/api/request.ts'
import { githubSettingsPath, syncPath } from '../../lib/paths.ts'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import { goToView } from '../project/project-view.ts'
import {
  committedFact,
  explainPushed,
  explainSaved,
  type Fact,
  needInShort,
  pushedFact,
  savedFact,
} from './fact-words.ts'
import type { SavedState } from './saved-machine.ts'

const pathsShownMax = 8

const formatClock = (instant: string): string =>
  new Date(instant).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

type FactsProps = {
  projectId: string
  reference: string
  saved: SavedState
  status: ProjectStatus | undefined
  /** Somebody who only reads has nothing to save; the first fact says so. */
  isReadOnly: boolean
  canCommit: boolean
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  onCopyText: () => void
}

export function Facts(props: FactsProps) {
  const { saved, status, isReadOnly, isOpen, onOpenChange, onCopyText } = props
  const before = useRef<Element | null>(null)
  const first: Fact = isReadOnly && saved.kind === 'saved' ? { knot: 'open', words: 'Reading only' } : savedFact(saved)
  // On a phone the name of the file needs the room; the details say it whole.
  const [words, where] = first.words.split(/(?= on this device$)/)
  const committed = status ? committedFact(status, saved) : null
  const pushed = status && committed ? pushedFact(status, committed, formatClock) : null
  const need = status ? needInShort(status.github, saved) : null
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpenChange}>
      <div className="facts-place">
        <Popover.Trigger asChild>
          <button type="button" className="facts-button" aria-label="Details of what is saved, committed and pushed" />
        </Popover.Trigger>
        <ul className="facts xs" aria-label="State of your work">
          <li>
            {/* A status by role; it is the announcer that speaks, so that “Saving…” is not read at every pause. */}
            <span className="fact" role="status" aria-live="off">
              <Knot kind={first.knot} />
              <span className={first.knot === 'bad' ? 'bad strong' : ''}>
                {words}
                {where && <span className="fact-where">{where}</span>}
              </span>
            </span>
            {saved.kind === 'not-saved' && (
              <Button size="sm" className="facts-copy" onClick={onCopyText}>
                Copy your text
              </Button>
            )}
          </li>
          {need && pushed && (
            <li className="fact-need">
              <Knot kind="warn" />
              <span aria-hidden="true">{need}</span>
              <span className="sr-only">{pushed.words}</span>
            </li>
          )}
          {committed && (
            <li className="only-wide">
              <Knot kind={committed.knot} />
              {committed.words}
            </li>
          )}
          {pushed && (
            <li className="only-wide fact-pushed">
              <Knot kind={pushed.knot} />
              {pushed.words}
            </li>
          )}
        </ul>
      </div>
      <Popover.Portal>
        <Popover.Content
          className="popover facts-details"
          aria-label="Saved, committed, pushed"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          onOpenAutoFocus={(event) => {
            before.current = document.activeElement
            if (!(event.target instanceof Element)) return
            event.preventDefault()
            const first = event.target.querySelector('button, a')
            if (first instanceof HTMLElement) first.focus()
          }}
          onCloseAutoFocus={(event) => {
            // Opened by key from the text, the focus goes back into the text.
            if (!(before.current instanceof HTMLElement) || !before.current.isConnected) return
            event.preventDefault()
            before.current.focus()
          }}
        >
          <FactsDetails {...props} first={first} committed={committed} pushed={pushed} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

type DetailsProps = FactsProps & { first: Fact; committed: Fact | null; pushed: Fact | null }

function FactsDetails({
  projectId,
  reference,
  saved,
  status,
  canCommit,
  first,
  committed,
  pushed,
  onOpenChange,
}: DetailsProps) {
  const [isCommitting, setIsCommitting] = useState(false)
  const [fault, setFault] = useState<ApiError | null>(null)
  const client = useQueryClient()
  const toast = useToast()

  const commit = async (): Promise<void> => {
    setIsCommitting(true)
    setFault(null)
    try {
      const made = await request(Commit.nullable(), 'POST', `${API}/projects/${projectId}/snapshots`, { body: {} })
      await client.invalidateQueries({ queryKey: [...projectKey(projectId), 'status'] })
      toast({
        icon: GitCommitHorizontal,
        words: made ? `Committed ${made.oid.slice(0, 7)}` : 'Nothing has changed since the last commit',
      })
      onOpenChange(false)
    } catch (error) {
      setFault(toApiError(error))
      setIsCommitting(false)
    }
  }

  return (
    <>
      <section>
        <h2>
          <Knot kind={first.knot} /> {first.words}
        </h2>
        <p className="quiet">{explainSaved(saved)}</p>
      </section>
      {status && committed && (
        <section>
          <h2>
            <Knot kind={committed.knot} /> {committed.words}
          </h2>
          <CommitDetails status={status} />
          {fault && (
            <p className="fault" role="alert">
              {fault.message} {fault.hint}
            </p>
          )}
          {canCommit && (
            <Button kind="primary" size="sm" busy={isCommitting} onClick={() => void commit()}>
              Commit now
            </Button>
          )}
        </section>
      )}
      {status && pushed && (
        <section>
          <h2>
            <Knot kind={pushed.knot} /> {pushed.words}
          </h2>
          <PushDetails status={status} reference={reference} onLeave={() => onOpenChange(false)} />
        </section>
      )}
    </>
  )
}

function CommitDetails({ status: { head, changedFiles } }: { status: ProjectStatus }) {
  const shown = changedFiles.paths.slice(0, pathsShownMax)
  const more = changedFiles.count - shown.length
  return (
    <>
      {changedFiles.count > 0 && shown.length > 0 && (
        <ul className="facts-paths mono">
          {shown.map((path) => (
            <li key={path} className="clip" title={path}>
              {path}
            </li>
          ))}
          {more > 0 && <li className="faint">and {more} more</li>}
        </ul>
      )}
      <p className="quiet">
        {changedFiles.count > 0 ? 'A commit follows at the next quiet moment. ' : ''}
        {head ? (
          <span title={formatExactly(head.committedAt)}>
            Last commit <code>{head.oid.slice(0, 7)}</code> by {head.authorName},{' '}
            {formatAgo(head.committedAt, new Date())}.
          </span>
        ) : (
          'There is no commit yet.'
        )}
      </p>
    </>
  )
}

function PushDetails({
  status: { github },
  reference,
  onLeave,
}: {
  status: ProjectStatus
  reference: string
  onLeave: () => void
}) {
  const words = explainPushed(github)
  if (github.state === 'not-linked') {
    return (
      <p className="quiet">
        {words} To have it on GitHub as well,{' '}
        <a className="link nowrap" href={githubSettingsPath(reference)}>
          link it
        </a>
        .
      </p>
    )
  }
  const { repository, pullRequest, reason } = github
  return (
    <>
      <p className="quiet">
        {words} {reason?.nextAt && <>Tried again at {formatClock(reason.nextAt)}. </>}
        {repository && (
          <a className="link" href={github.commitUrl ?? repository.url} target="_blank" rel="noreferrer">
            {repository.fullName}, {repository.branch}
          </a>
        )}
      </p>
      {pullRequest && (
        <p className="quiet">
          <a className="link" href={pullRequest.url} target="_blank" rel="noreferrer">
            Pull request {pullRequest.number}
          </a>{' '}
          {pullRequest.state}
        </p>
      )}
      <a
        className="btn btn-sm"
        href={syncPath(reference)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          onLeave()
          goToView(syncPath(reference))
        }}
      >
        Show sync
      </a>
    </>
  )
}
