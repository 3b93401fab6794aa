'use client'
// Pushes and pulls of all workspaces, those that failed first, and another try for one or for many. It tells which projects they
// are of, never what is in them.

import type { AdminOperation } from '@skein/protocol'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Knot, type KnotKind } from '../../components/knot.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import {
  type OperationState,
  useAdminOperations,
  useRetryAdminOperation,
  useSyncInstance,
} from '../../lib/api/admin.ts'
import { toApiError } from '../../lib/api/error.ts'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { SyncMany } from '../github/sync-all.tsx'
import { describeOperation, type OperationTone } from '../sync/operation-words.ts'
import { canRetry, operationFilters } from './admin-words.ts'

export function OperationsSection() {
  const [state, setState] = useState<OperationState | null>('failed')
  const sync = useSyncInstance()
  return (
    <section id="operations" aria-labelledby="operations-title">
      <div>
        <h2 id="operations-title">Operations</h2>
        <p className="quiet">What sync did in all workspaces, newest first.</p>
      </div>
      <SyncMany label="Try again" sync={sync} />
      <fieldset className="segments filters">
        <legend className="sr-only">Operations by state</legend>
        {operationFilters.map(({ value, label }) => (
          <label key={label}>
            <input type="radio" name="operations" checked={value === state} onChange={() => setState(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      <Operations key={state} state={state} />
    </section>
  )
}

function Operations({ state }: { state: OperationState | null }) {
  const now = useNow()
  const query = useAdminOperations(state)
  const retry = useRetryAdminOperation()
  const operations = query.data?.pages.flatMap(({ items }) => items) ?? []
  if (query.isPending) return <RowsSkeleton label="Operations are loading" rows={3} />
  if (!query.data) return <ServerState error={toApiError(query.error)} onRetry={() => void query.refetch()} />
  if (operations.length === 0) {
    return <p className="faint">{operationFilters.find(({ value }) => value === state)?.none}</p>
  }
  return (
    <>
      <ul className="card rows admin-rows" aria-label="Operations">
        {operations.map((operation) => (
          <OperationRow
            key={operation.id}
            operation={operation}
            now={now}
            isBusy={retry.isPending && retry.variables === operation.id}
            isAsked={retry.isSuccess && retry.variables === operation.id}
            error={retry.error && retry.variables === operation.id ? toApiError(retry.error).message : null}
            onRetry={() => retry.mutate(operation.id)}
          />
        ))}
      </ul>
      {query.hasNextPage && (
        <div>
          <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show earlier ones
          </Button>
        </div>
      )}
    </>
  )
}

const toneKnots: Record<OperationTone, KnotKind> = { plain: 'done', busy: 'busy', warn: 'warn', bad: 'bad' }

function OperationRow({
  operation,
  now,
  isBusy,
  isAsked,
  error,
  onRetry,
}: {
  operation: AdminOperation
  now: Date
  isBusy: boolean
  isAsked: boolean
  error: string | null
  onRetry: () => void
}) {
  const { project, workspace, startedAt } = operation
  const { title, detail, tone } = describeOperation(operation)
  return (
    <li>
      <Knot kind={toneKnots[tone]} />
      <span className="grow">
        <span className="clip" title={`${workspace.name} / ${project.name}`}>
          <b className="strong">{project.name}</b> <span className="faint">in {workspace.name}</span>
        </span>
        <span className="quiet admin-detail">
          {title} {detail && <span className="faint">{detail}</span>}
        </span>
        {error && (
          <span className="bad xs" role="alert">
            {error}
          </span>
        )}
      </span>
      <span className="faint xs when" title={formatExactly(startedAt)}>
        {formatAgo(startedAt, now)}
      </span>
      {canRetry(operation) && (
        <Button size="sm" busy={isBusy} aria-label={`Try ${project.name} again`} onClick={onRetry}>
          {isAsked ? 'Asked' : 'Try again'}
        </Button>
      )}
    </li>
  )
}
