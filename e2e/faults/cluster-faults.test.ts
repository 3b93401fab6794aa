/** Several nodes under faults, in the smallest size; `npm run faults` has larger ones. */
import { expect, test } from 'vitest'
import { runNodeKills, runRelayFaults, runRollingRestarts } from './cluster-faults.ts'

const FAULT_MS_MAX = 300_000

const NO_REDIS = 'there is no program redis-server on this machine'

test(
  'F6, F7: Redis dies and hangs, and a node is cut off from it',
  async ({ skip }) => {
    const only = ['Redis killed', 'Redis hanging', 'a node cut off from Redis']
    const wrong = await runRelayFaults({ rounds: 1, faultMs: 500, nodes: 2, only })
    if (wrong === null) return skip(NO_REDIS)
    expect(wrong).toEqual([])
  },
  FAULT_MS_MAX,
)

test(
  'F1: nodes are killed, and others take their people over',
  async ({ skip }) => {
    const wrong = await runNodeKills({ rounds: 1, nodes: 2 })
    if (wrong === null) return skip(NO_REDIS)
    expect(wrong).toEqual([])
  },
  FAULT_MS_MAX,
)

test(
  'F23: three nodes are restarted one after the other',
  async ({ skip }) => {
    const wrong = await runRollingRestarts({ rounds: 1 })
    if (wrong === null) return skip(NO_REDIS)
    expect(wrong).toEqual([])
  },
  FAULT_MS_MAX,
)
