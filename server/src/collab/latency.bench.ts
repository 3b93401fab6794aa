/**
 * From a keystroke to the other screen, and to its durable acknowledgement; beside a bare relay (the floor of the way), stock Hocuspocus (which
 * acknowledges from memory) and the commit itself (the price of durability). Goal: at most one commit more than the relay.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { documentLogQueries, openDatabase } from '@skein/db'
import { encodeUpdateFrames } from '@skein/document'
import {
  BenchClient,
  type BenchServer,
  createBenchWorld,
  type Kind,
  median,
  ms,
  quantile,
  reportGoal,
} from './bench/world.ts'

const ROUNDS = 5
const KEYS_PER_ROUND = 60
const KEY_GAP_MS = 25
const WARM_UP_KEYS = 1_500

const world = await createBenchWorld()
const servers: BenchServer[] = []
for (const kind of ['relay', 'stock', 'skein'] as const) servers.push(await world.start(kind))
const [document] = await world.addDocuments(1, 'x'.repeat(10_000))
const seen: Record<Kind, number[]> = { relay: [], stock: [], skein: [] }
const acknowledged: Record<Kind, number[]> = { relay: [], stock: [], skein: [] }
const commits: number[] = []

for (const server of servers) await warmUp(server, document as string)
for (let round = 0; round < ROUNDS; round++) {
  for (const server of servers) await typeInto(server, document as string)
  await measureCommits()
}
report()
await world.stop()

/** Some hundred keystrokes, so that no server is measured while its code is still being compiled. */
async function warmUp(server: BenchServer, name: string): Promise<void> {
  const writer = await BenchClient.open(server, name, world.person.token)
  const viewer = await BenchClient.open(server, name, world.person.token)
  for (let key = 0; key < WARM_UP_KEYS; key++) {
    writer.type()
    if (key % 10 === 0) await sleep(5)
  }
  await sleep(200)
  writer.close()
  viewer.close()
}

async function typeInto(server: BenchServer, name: string): Promise<void> {
  const writer = await BenchClient.open(server, name, world.person.token)
  const viewer = await BenchClient.open(server, name, world.person.token)
  let sentAt = 0
  viewer.onUpdate = () => seen[server.kind].push(performance.now() - sentAt)
  writer.onAcknowledged = () => acknowledged[server.kind].push(performance.now() - sentAt)
  for (let key = 0; key < KEYS_PER_ROUND; key++) {
    await sleep(KEY_GAP_MS * (0.5 + Math.random()))
    sentAt = performance.now()
    writer.type()
  }
  await sleep(100)
  writer.close()
  viewer.close()
}

/** What one commit of one keystroke costs when nothing else happens. */
async function measureCommits(): Promise<void> {
  const [id] = await world.addDocuments(1)
  if (!id) return
  const db = openDatabase(world.address)
  const payload = encodeUpdateFrames([{ actor: world.person.actor, update: new Uint8Array(22) }])
  for (let n = 0; n < KEYS_PER_ROUND; n++) {
    await sleep(KEY_GAP_MS * (0.5 + Math.random()))
    const at = performance.now()
    await documentLogQueries.appendUpdates(db.log, [{ document: id, payload, clients: [] }])
    commits.push(performance.now() - at)
  }
  await db.close()
}

function report(): void {
  const line = (what: string, values: readonly number[]) =>
    process.stdout.write(`  ${what.padEnd(44)} p50 ${ms(median(values))}  p99 ${ms(quantile(values, 0.99))}\n`)
  line('relay: key to other screen', seen.relay)
  line('stock: key to other screen', seen.stock)
  line('skein: key to other screen (after the commit)', seen.skein)
  line('stock: key to acknowledgement (from memory)', acknowledged.stock)
  line('skein: key to acknowledgement (durable)', acknowledged.skein)
  line('one commit alone', commits)
  const allowed = median(seen.relay) + median(commits)
  const allowedLate = quantile(seen.relay, 0.99) + quantile(commits, 0.99)
  reportGoal('p50 to other screen, ms; relay and one commit', median(seen.skein), allowed)
  reportGoal('p50 to durable acknowledgement, ms; relay and one commit', median(acknowledged.skein), allowed)
  reportGoal('p99 to other screen, ms; relay and one commit', quantile(seen.skein, 0.99), allowedLate)
  reportGoal(
    'p99 to durable acknowledgement, ms; relay and one commit',
    quantile(acknowledged.skein, 0.99),
    allowedLate,
  )
}
