/**
 * A worker of the kill loop as a process of its own: `node worker-process.ts <settings as JSON>`. It makes commits, pulls, pushes and repacks for one
 * project, says every named step on a line, and ends itself without a word at the step that it was told. It ends only by a signal.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@skein/db'
import { createCollab } from '../../collab/collab.ts'
import type { ProjectKey } from '../../commands/event-hub.ts'
import { createLog } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { Killed, Life } from '../sync-simulation/mortal.ts'
import { SimulatedWorker } from '../sync-simulation/worker.ts'
import type { TestGithub } from '../world.ts'

export interface WorkerSettings {
  address: string
  folder: string
  project: ProjectKey
  github: Pick<TestGithub, 'apiUrl' | 'gitUrl' | 'app'>
  /** Null: none. */
  dieAt: string | null
}

const { address, folder, project, github, dieAt }: WorkerSettings = JSON.parse(process.argv[2] ?? '')
const database = openDatabase(address)
const collab = createCollab({
  db: database,
  events: { tell: () => {} },
  log: createLog('silent'),
  metrics: createMetrics(),
  ownOrigins: [],
  now: () => new Date(),
})
await collab.run()
/** Somebody else was at the same work; whoever was slower tries again. */
const overtaken = /overtaken|another pull .* has begun|the claim .* was lost/
const complain = (error: unknown) => {
  const { name, message, stack } = error as Error
  if (error instanceof Killed || name === 'Refusal' || overtaken.test(message)) return
  process.stderr.write(`${stack}\n`)
}
const worker = await SimulatedWorker.start(new Life(), {
  database,
  github: github as TestGithub,
  documents: collab.liveDocuments,
  folder,
  // Two may well be at it at once: rows decide, leases only save work.
  leaseMs: 3_000,
  logFault: complain,
  onStep: (step) => {
    process.stdout.write(`${step}\n`)
    if (step === dieAt) process.kill(process.pid, 'SIGKILL')
  },
})
process.stdout.write('ready\n')
for (let n = 0; ; n++) {
  const work = [
    () => worker.snapshot(project),
    () => worker.sync(),
    () => worker.repack(project, n % 8 === 0 ? 'collect' : 'join'),
    () => worker.sync(),
  ][n % 4] as () => Promise<unknown>
  await work().catch(complain)
  await sleep(20)
}
