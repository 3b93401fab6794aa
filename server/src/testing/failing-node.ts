/**
 * The product with something broken in it, for tests that start it as a process: `failing-node.ts <slowest commit in ms> [from-memory]`.
 * Commits of the log take a random time; with `from-memory` acknowledgements do not wait for them, as without a gate.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../config/config.ts'
import { serve } from '../serve.ts'

const [commitMsMax = '0', mode] = process.argv.slice(2)

await serve(readConfig(), {
  failpoints: {
    beforeCommit: () => sleep(Math.random() * Number(commitMsMax)),
    acknowledgesFromMemory: mode === 'from-memory',
  },
})
