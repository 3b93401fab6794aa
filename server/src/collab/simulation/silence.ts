/** A log and metrics that nobody reads: a simulation makes thousands of nodes. */
import { createLog } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'

const nothing = () => {}

export const silentLog = createLog('silent')

export const silentMetrics: Metrics = {
  observeRequest: nothing,
  countSocket: () => nothing,
  gauge: nothing,
  durations: () => nothing,
  sizes: () => nothing,
  counter: () => nothing,
  counterBy: () => nothing,
  render: async () => ({ type: 'text/plain', text: '' }),
}
