/**
 * The product with something broken in it, for tests that start it as a process: `failing-node.ts '{"commitMsMax": 60}'`. What can be broken
 * stands in `Break`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../config/config.ts'
import { serve } from '../serve.ts'

interface Break {
  /** Commits of the log take a random time up to this, in milliseconds. */
  commitMsMax?: number
  /** Acknowledgements do not wait for commits, as without a gate. */
  fromMemory?: boolean
  /** The process kills itself at this step, with this chance each time. */
  diesAt?: { step: 'before-commit' | 'after-commit'; chance: number }
  /** Every half second the clock on the wall jumps by a random time up to this, either way, in milliseconds. */
  clockJumpMs?: number
}

const CLOCK_JUMPS_EVERY_MS = 500

const { commitMsMax = 0, fromMemory = false, clockJumpMs = 0, diesAt } = JSON.parse(process.argv[2] ?? '{}') as Break

if (clockJumpMs > 0) {
  const realNow = Date.now
  let offset = 0
  setInterval(() => {
    offset = (Math.random() * 2 - 1) * clockJumpMs
  }, CLOCK_JUMPS_EVERY_MS).unref()
  globalThis.Date = class extends Date {
    constructor(...parts: [] | [number | string | Date]) {
      super(...((parts.length === 0 ? [realNow() + offset] : parts) as [number]))
    }
    static override now = () => Math.round(realNow() + offset)
  } as DateConstructor
}

function pass(step: NonNullable<Break['diesAt']>['step']): void {
  if (diesAt?.step === step && Math.random() < diesAt.chance) process.kill(process.pid, 'SIGKILL')
}

await serve(readConfig(), {
  failpoints: {
    beforeCommit: async () => {
      await sleep(Math.random() * commitMsMax)
      pass('before-commit')
    },
    afterCommit: async () => pass('after-commit'),
    acknowledgesFromMemory: fromMemory,
  },
})
