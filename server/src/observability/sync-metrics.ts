/** What becomes known of sync with GitHub, to Prometheus as numbers. */
import type { SyncNews, SyncQueue } from '../commands/sync/sync-news.ts'
import type { Metrics } from './metrics.ts'

/** Registers the metrics; call it once for a registry. */
export function createSyncNews(metrics: Metrics): SyncNews {
  let queue: SyncQueue = { due: 0, oldestSeconds: 0, apiCallsLeft: null }
  const rounds = metrics.counterBy('skein_sync_rounds_total', 'Rounds of sync of one project, by how they ended', 'end')
  const pushes = metrics.counterBy('skein_sync_pushes_total', 'Pushes that GitHub confirmed', 'way')
  const pushSeconds = metrics.durations('skein_sync_push_seconds', 'Time from a commit that is due to its push')
  const refusals = metrics.counterBy('skein_sync_refusals_total', 'Pushes that were refused or kept back', 'rule')
  const pulls = metrics.counterBy('skein_sync_pulls_total', 'Remote heads that were merged', 'kind')
  const pullSeconds = metrics.durations('skein_sync_pull_seconds', 'Time from a hint to the live documents')
  const conflicts = metrics.counter('skein_sync_conflicts_total', 'Overlaps that were left to people')
  const failures = metrics.counterBy('skein_sync_failures_total', 'Times that GitHub did not do it', 'kind')
  const calls = metrics.counter('skein_sync_api_calls_total', 'Calls of GitHub’s REST API for sync')
  metrics.gauge('skein_sync_due', 'Projects that wait for a round of sync', () => queue.due)
  metrics.gauge('skein_sync_oldest_seconds', 'How long the oldest of them waits', () => queue.oldestSeconds)
  metrics.gauge('skein_sync_api_left', 'Calls of GitHub’s API that the poorest installation has left', () => {
    return queue.apiCallsLeft ?? Number.NaN
  })
  return {
    synced: rounds,
    pushed: (way, seconds) => {
      pushes(way)
      pushSeconds(seconds)
    },
    refused: refusals,
    pulled: (kind, seconds, found) => {
      pulls(kind)
      pullSeconds(seconds)
      conflicts(found)
    },
    failed: failures,
    apiCalled: () => calls(),
    queued: (seen) => {
      queue = seen
    },
  }
}
