/**
 * Five hundred people open one document in the same moment, as after a restart: with nothing, or with all but the last hundred edits. It is a
 * document with a history, 200 KB as Yjs encodes it. Ours looks at each one's token and rights before; the peers ask nobody who they are.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { measureWith } from './bench/audience.ts'
import { KINDS, type Kind, Measure, reportGoal, rounds } from './bench/figures.ts'
import { writeEdited, writeSeed } from './bench/seeds.ts'
import { createBenchWorld } from './bench/world.ts'

const CLIENTS = 500
const EDITS = 10_000
const EDITS_BEHIND = 100

const { doc, known } = writeEdited(EDITS, EDITS_BEHIND)
const world = await createBenchWorld()
const seed = await writeSeed(doc)
const measures = [
  { who: 'with nothing', known: Uint8Array.of(0) },
  { who: `${EDITS_BEHIND} edits behind`, known },
].map((each) => ({
  ...each,
  time: new Measure(`${CLIENTS} clients at once, ${each.who} | until all have it, ms`, 0),
  cpu: new Measure(`${CLIENTS} clients at once, ${each.who} | CPU s`, 3),
}))
for (let round = 0; round < rounds; round++) for (const kind of KINDS) await measure(kind)
for (const { time, cpu } of measures) for (const row of [time, cpu]) row.print()
const [empty] = measures
if (empty) {
  const { time, cpu } = empty
  const peers = ['y-websocket', 'hocuspocus', 'hocuspocus-pg'] as const
  const best = (measure: Measure) => Math.min(...peers.map((kind) => measure.of(kind)))
  reportGoal(`${CLIENTS} empty clients: time beside the best peer`, time.of('skein') / best(time), 1 / 3)
  reportGoal(`${CLIENTS} empty clients: CPU beside the best peer`, cpu.of('skein') / best(cpu), 1 / 4)
}
await seed.remove()
await world.stop()

async function measure(kind: Kind): Promise<void> {
  const server = await world.start(kind, seed.path)
  await measureWith(world, server, async (audience) => {
    const like = { text: doc.getText('text').toString(), state: Y.encodeStateAsUpdateV2(doc) }
    const [document = ''] = await world.nameDocuments(kind, 1, like)
    const room = (viewers: number) => [{ document, writers: 0, viewers }]
    // The server has started a while ago, and the document is open.
    await audience.open(room(20))
    await sleep(500)
    for (const { known, time, cpu } of measures) {
      const before = server.cpu()
      const { ms } = await audience.open(room(CLIENTS), { atOnce: CLIENTS, known })
      time.add(kind, ms)
      await sleep(100)
      cpu.add(kind, server.cpu() - before)
      await audience.leave()
      await audience.open(room(1))
      await sleep(500)
    }
  })
}
