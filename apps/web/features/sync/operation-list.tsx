'use client'
// What happened between both sides, newest first. A row opens to everything that is known of it; what failed or was held can be
// tried again there.

import type { GithubStatus, SyncOperation } from '@skein/protocol'
import {
  ArrowDown,
  ArrowUp,
  ChevronRight,
  CircleAlert,
  GitMerge,
  GitPullRequest,
  Info,
  type LucideIcon,
  Shield,
} from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { Knot } from '../../components/knot.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import type { useSyncOperations } from '../../lib/api/github.ts'
import { formatExactly } from '../../lib/time.ts'
import { OperationDetails } from './operation-details.tsx'
import { describeOperation, formatWhen, type OperationIcon, type OperationWords } from './operation-words.ts'

const icons: Record<OperationIcon, LucideIcon> = {
  push: ArrowUp,
  pull: ArrowDown,
  shield: Shield,
  merge: GitMerge,
  'pull-request': GitPullRequest,
  event: Info,
}

export function OperationList({
  projectId,
  github,
  query,
  now,
  canRetry,
}: {
  projectId: string
  github: GithubStatus
  query: ReturnType<typeof useSyncOperations>
  now: Date
  canRetry: boolean
}) {
  const operations = query.data?.pages.flatMap(({ items }) => items) ?? []
  // The newest pull that left lines is the one that they can still be reviewed from.
  const unreviewed = github.openConflicts > 0 ? operations.find(({ conflicts }) => (conflicts ?? 0) > 0)?.id : undefined
  const held = github.state === 'held' ? operations.find(({ state }) => state === 'held')?.id : undefined
  return (
    <>
      <h2 className="list-title">What happened</h2>
      {query.isPending && <Bones />}
      {query.isError && !query.data && (
        <Notice
          kind="bad"
          title={toApiError(query.error).message}
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {toApiError(query.error).hint}
        </Notice>
      )}
      {query.data && operations.length === 0 && (
        <p className="ops-empty faint">
          Nothing yet. The first look at GitHub and the first push are told here, each with its commits and files.
        </p>
      )}
      {operations.length > 0 && (
        <ul className="sheet ops" aria-label="What happened">
          {operations.map((operation) => (
            <OperationRow
              key={operation.id}
              {...{ projectId, github, operation, now, canRetry }}
              needsReview={operation.id === unreviewed}
              isCurrent={operation.id === held}
            />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button
          kind="quiet"
          className="ops-more"
          busy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show earlier ones
        </Button>
      )}
    </>
  )
}

function Bones() {
  return (
    <ul className="sheet ops late" aria-busy="true" aria-label="What happened">
      {['38%', '52%', '44%', '60%'].map((width) => (
        <li key={width} className="op-row">
          <Bone width="16px" />
          <span className="grow">
            <Bone width={width} />
          </span>
          <Bone width="40px" />
        </li>
      ))}
    </ul>
  )
}

function OperationRow({
  projectId,
  github,
  operation,
  now,
  canRetry,
  needsReview,
  isCurrent,
}: {
  projectId: string
  github: GithubStatus
  operation: SyncOperation
  now: Date
  canRetry: boolean
  needsReview: boolean
  /** It is what keeps the push back now. */
  isCurrent: boolean
}) {
  const [isOpen, setIsOpen] = useState(false)
  const detailsId = useId()
  const words = describeOperation(operation)
  return (
    <li>
      <button
        type="button"
        className="op-row op-button"
        aria-expanded={isOpen}
        aria-controls={detailsId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <OperationMark words={words} />
        <span className="grow op-words">
          <b className="strong">{words.title}</b> <span className="faint">{words.detail}</span>
        </span>
        {needsReview ? (
          <span className="chip chip-warn">Needs review</span>
        ) : (
          words.tone !== 'plain' && <ToneChip tone={words.tone} isCurrent={isCurrent} />
        )}
        <code className="faint oids only-wide">{words.oids}</code>
        <time className="faint num when" dateTime={operation.startedAt} title={formatExactly(operation.startedAt)}>
          {formatWhen(operation.startedAt, now)}
        </time>
        <Icon of={ChevronRight} size="sm" className="faint op-turn" />
      </button>
      <div id={detailsId} hidden={!isOpen}>
        {isOpen && <OperationDetails {...{ projectId, github, operation, canRetry }} />}
      </div>
    </li>
  )
}

function OperationMark({ words: { icon, tone } }: { words: OperationWords }) {
  if (tone === 'busy') {
    return (
      <span className="op-knot">
        <Knot kind="busy" />
      </span>
    )
  }
  return tone === 'bad' ? <Icon of={CircleAlert} className="bad" /> : <Icon of={icons[icon]} className="faint" />
}

function ToneChip({ tone, isCurrent }: { tone: OperationWords['tone']; isCurrent: boolean }) {
  if (tone === 'bad') return <span className="chip chip-bad">Failed</span>
  if (tone === 'warn') return <span className={isCurrent ? 'chip chip-warn' : 'chip'}>Held</span>
  return <span className="chip">Running</span>
}
