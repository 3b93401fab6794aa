/** What a socket costs that has a document open and does nothing: a thousand of them, all in the same document of 10 KB. */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureWith } from './bench/audience.ts'
import { KINDS, type Kind, Measure, reportGoal } from './bench/figures.ts'
import { writeSeed } from './bench/seeds.ts'
import { residentBytes } from './bench/usage.ts'
import { createBenchWorld } from './bench/world.ts'

const SOCKETS = 1_000
const KB_MAX = 30
const TEXT = 'a line of text\n'.repeat(683)

const heap = new Measure(`${SOCKETS} idle connections | heap for each, KB`)
const resident = new Measure(`${SOCKETS} idle connections | RSS for each, KB`)
const world = await createBenchWorld()
const seed = await writeSeed(TEXT)
// What is held does not depend on what else the machine does: one round says it.
for (const kind of KINDS) await measure(kind)
for (const row of [heap, resident]) row.print()
reportGoal('an idle connection, RSS in KB', resident.of('skein'), KB_MAX)
await seed.remove()
await world.stop()

async function measure(kind: Kind): Promise<void> {
  const server = await world.start(kind, seed.path)
  await measureWith(world, server, async (audience) => {
    const [document = ''] = await world.nameDocuments(kind, 1, { text: TEXT })
    await audience.open([{ document, writers: 1, viewers: 50 }])
    const before = await memoryOf()
    await audience.open([{ document, writers: 0, viewers: SOCKETS }])
    const after = await memoryOf()
    heap.add(kind, (after.heap - before.heap) / SOCKETS / 1024)
    resident.add(kind, (after.resident - before.resident) / SOCKETS / 1024)
  })

  async function memoryOf() {
    await sleep(500)
    const { heapUsed, external } = await server.memory()
    return { heap: heapUsed + external, resident: residentBytes(server.pid) }
  }
}
