/**
 * A thousand documents at once, each with one who types and one who looks on, on sockets of their own: what an edit costs the server, how long
 * it takes to the other screen, and what an open document takes of the memory.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureWith } from './bench/audience.ts'
import { isQuick, KINDS, type Kind, Measure, median, reportGoal, rounds } from './bench/figures.ts'
import { writeSeed } from './bench/seeds.ts'
import { residentBytes } from './bench/usage.ts'
import { createBenchWorld, measureCommit } from './bench/world.ts'

const DOCUMENTS = 1_000
const KEYS_PER_SECOND = 5
const TYPE_MS = isQuick ? 4_000 : 6_000
const WARM_UP_MS = isQuick ? 1_000 : 2_000
/** What only the opening needs is let go within some seconds. */
const SETTLED_AFTER_MS = 4_000
const TEXT = 'a line of text\n'.repeat(683)

const what = `${DOCUMENTS} documents, ${DOCUMENTS * KEYS_PER_SECOND} edits/s`
const cpu = new Measure(`${what} | CPU s per 1,000 edits`, 4)
const postgres = new Measure(`${what} | beside it PostgreSQL, CPU s per 1,000 edits`, 4)
const p50 = new Measure(`${what} | to the other screen, p50 ms`, 2)
const p99 = new Measure(`${what} | to the other screen, p99 ms`)
const heap = new Measure(`${what} | heap for each document and its two sockets, KB`)
const resident = new Measure(`${what} | RSS for each document and its two sockets, KB`)

const world = await createBenchWorld()
const seed = await writeSeed(TEXT)
const commits: number[] = []
for (let round = 0; round < rounds; round++) {
  for (const kind of KINDS) await measure(kind)
  commits.push(await measureCommit(world))
}
for (const row of [cpu, postgres, p50, p99, heap, resident]) row.print()
const commit = median(commits)
process.stdout.write(`  one commit alone: p50 ${commit.toFixed(2)} ms\n`)
reportGoal(`${what}: CPU beside Hocuspocus in memory`, cpu.of('skein') / cpu.of('hocuspocus'), 0.8)
reportGoal(`${what}: p50 ms, Hocuspocus in memory and one commit`, p50.of('skein'), p50.of('hocuspocus') + commit)
reportGoal(`${what}: heap for each document beside Hocuspocus`, heap.of('skein') / heap.of('hocuspocus'), 1)
reportGoal(`${what}: RSS for each document beside Hocuspocus`, resident.of('skein') / resident.of('hocuspocus'), 1)
await seed.remove()
await world.stop()

async function measure(kind: Kind): Promise<void> {
  const server = await world.start(kind, seed.path)
  await measureWith(world, server, async (audience) => {
    // What is compiled and cached once is not counted.
    await audience.open(await rooms(kind, 20))
    await audience.type(KEYS_PER_SECOND, 500)
    await audience.leave()
    const before = await memoryOf()
    await audience.open(await rooms(kind, DOCUMENTS))
    const after = await memoryOf()
    heap.add(kind, (after.heap - before.heap) / DOCUMENTS / 1024)
    resident.add(kind, (after.resident - before.resident) / DOCUMENTS / 1024)
    await audience.type(KEYS_PER_SECOND, WARM_UP_MS)
    const used = { server: server.cpu(), postgres: world.postgresCpu() }
    const { sent, delivered, seen } = await audience.type(KEYS_PER_SECOND, TYPE_MS)
    if (delivered < sent) throw new Error(`${kind} delivered ${delivered} of ${sent} updates`)
    cpu.add(kind, ((server.cpu() - used.server) / sent) * 1000)
    if (kind === 'skein' || kind === 'hocuspocus-pg')
      postgres.add(kind, ((world.postgresCpu() - used.postgres) / sent) * 1000)
    p50.add(kind, seen.p50)
    p99.add(kind, seen.p99)
  })

  async function memoryOf() {
    await sleep(SETTLED_AFTER_MS)
    const { heapUsed, external } = await server.memory()
    return { heap: heapUsed + external, resident: residentBytes(server.pid) }
  }
}

async function rooms(kind: Kind, count: number) {
  const documents = await world.nameDocuments(kind, count, { text: TEXT })
  return documents.map((document) => ({ document, writers: 1, viewers: 1 }))
}
