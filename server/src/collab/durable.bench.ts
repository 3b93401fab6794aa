/**
 * Everybody sends the next edit, at any place, when the last one is acknowledged, each in a document of 100 KB of their own. Ours is acknowledged when
 * PostgreSQL has it on disk; Hocuspocus acknowledges what it has in memory, and stores the whole state seconds later.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureWith } from './bench/audience.ts'
import { isQuick, type Kind, Measure, reportGoal, rounds } from './bench/figures.ts'
import { writeProse, writeSeed } from './bench/seeds.ts'
import { createBenchWorld } from './bench/world.ts'

const WRITERS = [1, 20, 100]
const TYPE_MS = isQuick ? 1_000 : 2_000
const WARM_UP_MS = 700
/** Hocuspocus stores two seconds after the last edit. */
const STORED_AFTER_MS = 3_500
const TEXT_BYTES = 100_000

const world = await createBenchWorld()
const text = writeProse(TEXT_BYTES)
const seed = await writeSeed(text)
const measures = WRITERS.map((writers) => ({
  writers,
  rate: new Measure(`${writers} writers, acknowledged | edits/s`, 0),
  p50: new Measure(`${writers} writers, acknowledged | p50 ms`, 2),
  p99: new Measure(`${writers} writers, acknowledged | p99 ms`),
  wal: new Measure(`${writers} writers, acknowledged | bytes of WAL for an edit; for a store of the whole state`, 0),
}))
for (let round = 0; round < rounds; round++) {
  for (const kind of ['skein', 'hocuspocus', 'hocuspocus-pg'] as const) await measure(kind)
}
for (const { rate, p50, p99, wal } of measures) for (const row of [rate, p50, p99, wal]) row.print()
const twenty = measures[1]
if (twenty) {
  const { rate, wal } = twenty
  reportGoal(
    '20 writers, durable: edits/s beside Hocuspocus from memory',
    rate.of('skein') / rate.of('hocuspocus'),
    0.9,
    'at least',
  )
  reportGoal(
    '20 writers, durable: WAL of an edit beside that of a store of the state',
    wal.of('skein') / wal.of('hocuspocus-pg'),
    0.01,
  )
}
await seed.remove()
await world.stop()

async function measure(kind: Kind): Promise<void> {
  const server = await world.start(kind, seed.path)
  await measureWith(world, server, async (audience) => {
    for (const { writers, rate, p50, p99, wal } of measures) {
      const documents = await world.nameDocuments(kind, writers, { text })
      const rooms = documents.map((document) => ({ document, writers: 1, viewers: 0 }))
      await audience.open(rooms, { typing: 'anywhere' })
      await audience.typeOn(WARM_UP_MS)
      const before = await world.walBytes()
      const storesBefore = await countStores()
      const { acknowledged, durable, ms } = await audience.typeOn(TYPE_MS)
      rate.add(kind, (acknowledged / ms) * 1000)
      p50.add(kind, durable.p50)
      p99.add(kind, durable.p99)
      if (kind === 'skein') wal.add(kind, ((await world.walBytes()) - before) / acknowledged)
      if (kind === 'hocuspocus-pg' && writers === 20) {
        await sleep(STORED_AFTER_MS)
        wal.add(kind, ((await world.walBytes()) - before) / ((await countStores()) - storesBefore))
      }
      await audience.leave()
      await sleep(200)
    }
  })
}

async function countStores(): Promise<number> {
  const [table] = await world.ask<{ is: boolean }>(`select to_regclass('hocuspocus') is not null as is`)
  if (!table?.is) return 0
  const [row] = await world.ask<{ stores: string | null }>('select sum(stores) as stores from hocuspocus')
  return Number(row?.stores ?? 0)
}
