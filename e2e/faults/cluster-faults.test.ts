/** Several nodes under faults, in the smallest size; `npm run faults` has larger ones. */
import { expect, test } from 'vitest'
import { runClusterFaults } from './cluster-faults.ts'

const FAULT_MS_MAX = 300_000

test(
  'F6, F7, F1, F23: Redis dies and hangs, a node is cut off from it, one is killed, all are restarted in turn',
  async ({ skip }) => {
    const only = ['Redis killed', 'Redis hanging', 'a node cut off from Redis']
    const wrong = await runClusterFaults({ rounds: 1, faultMs: 500, kills: 1, only })
    if (wrong === null) return skip('there is no program redis-server on this machine')
    expect(wrong).toEqual([])
  },
  FAULT_MS_MAX,
)
