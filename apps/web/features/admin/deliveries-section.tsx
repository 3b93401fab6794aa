'use client'
// GitHub's calls, newest first: what they were about, and whether they were worked on.

import { Button } from '../../components/button.tsx'
import { Knot } from '../../components/knot.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import { useDeliveries } from '../../lib/api/admin.ts'
import { toApiError } from '../../lib/api/error.ts'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { deliveryToDetail, deliveryToState, deliveryToTitle } from './admin-words.ts'

export function DeliveriesSection() {
  const now = useNow()
  const query = useDeliveries()
  const deliveries = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <section id="deliveries" aria-labelledby="deliveries-title">
      <div>
        <h2 id="deliveries-title">Deliveries</h2>
        <p className="quiet">
          Calls of GitHub’s webhook. Each is only a hint to look; one that is lost is made up for by the next look.
        </p>
      </div>
      {query.isPending ? (
        <RowsSkeleton label="Deliveries are loading" rows={3} />
      ) : !query.data ? (
        <ServerState error={toApiError(query.error)} onRetry={() => void query.refetch()} />
      ) : deliveries.length === 0 ? (
        <p className="faint">No delivery yet.</p>
      ) : (
        <ul className="card rows admin-rows" aria-label="Deliveries">
          {deliveries.map((delivery) => {
            const { knot, words } = deliveryToState(delivery)
            return (
              <li key={delivery.id}>
                <Knot kind={knot} />
                <span className="grow">
                  <span className="clip" title={delivery.id}>
                    <b className="strong">{deliveryToTitle(delivery)}</b>{' '}
                    <span className="faint num">{deliveryToDetail(delivery)}</span>
                  </span>
                  <span className="quiet admin-detail">
                    {words}
                    {delivery.error && `. ${delivery.error}`}
                  </span>
                </span>
                <span className="faint xs when" title={formatExactly(delivery.receivedAt)}>
                  {formatAgo(delivery.receivedAt, now)}
                </span>
              </li>
            )
          })}
        </ul>
      )}
      {query.hasNextPage && (
        <div>
          <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show earlier ones
          </Button>
        </div>
      )}
    </section>
  )
}
