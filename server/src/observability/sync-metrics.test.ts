import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { createSyncNews } from './sync-metrics.ts'

test('what sync tells becomes numbers', async () => {
  const metrics = createMetrics()
  const news = createSyncNews(metrics)
  news.synced('settled')
  news.pushed('pull-request', 0.4)
  news.refused('protected-branch')
  news.pulled('merge', 1.5, 2)
  news.failed('unreachable')
  news.apiCalled()
  news.queued({ due: 3, oldestSeconds: 7, apiCallsLeft: 4990 })
  const { text } = await metrics.render()
  for (const line of [
    'skein_sync_rounds_total{end="settled"} 1',
    'skein_sync_pushes_total{way="pull-request"} 1',
    'skein_sync_push_seconds_sum 0.4',
    'skein_sync_refusals_total{rule="protected-branch"} 1',
    'skein_sync_pulls_total{kind="merge"} 1',
    'skein_sync_pull_seconds_sum 1.5',
    'skein_sync_conflicts_total 2',
    'skein_sync_failures_total{kind="unreachable"} 1',
    'skein_sync_api_calls_total 1',
    'skein_sync_due 3',
    'skein_sync_oldest_seconds 7',
    'skein_sync_api_left 4990',
  ])
    expect(text).toContain(line)
})
