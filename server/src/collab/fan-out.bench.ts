/**
 * One person types, many look on: from the key to each of their screens, and what a delivered update costs the server. Ours goes out after its
 * commit, that of the others out of memory.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { measureWith } from './bench/audience.ts'
import { isQuick, KINDS, type Kind, Measure, median, reportGoal, rounds } from './bench/figures.ts'
import { writeSeed } from './bench/seeds.ts'
import { createBenchWorld, measureCommit } from './bench/world.ts'

const AUDIENCES = [10, 100, 500]
const KEYS_PER_SECOND = 10
const TYPE_MS = isQuick ? 2_000 : 3_000
/** Some hundred keys: nobody is measured while its code is still being compiled. */
const WARM_UP = { keysPerSecond: 100, ms: 3_000, againMs: 700 }
const TEXT = 'a line of text\n'.repeat(683)

const world = await createBenchWorld()
const seed = await writeSeed(TEXT)
const measures = AUDIENCES.map((viewers) => ({
  viewers,
  p50: new Measure(`1 writer, ${viewers} viewers | to a screen, p50 ms`, 2),
  p99: new Measure(`1 writer, ${viewers} viewers | to a screen, p99 ms`),
  cpu: new Measure(`1 writer, ${viewers} viewers | CPU s per 1,000 delivered`, 4),
}))
const commits: number[] = []
for (let round = 0; round < rounds; round++) {
  for (const kind of KINDS) await measure(kind)
  commits.push(await measureCommit(world))
}
for (const each of measures) for (const row of [each.p50, each.p99, each.cpu]) row.print()
report()
await seed.remove()
await world.stop()

async function measure(kind: Kind): Promise<void> {
  const server = await world.start(kind, seed.path)
  await measureWith(world, server, async (audience) => {
    for (const [n, { viewers, p50, p99, cpu }] of measures.entries()) {
      const [document = ''] = await world.nameDocuments(kind, 1, { text: TEXT })
      await audience.open([{ document, writers: 1, viewers }])
      await audience.type(WARM_UP.keysPerSecond, n === 0 ? WARM_UP.ms : WARM_UP.againMs)
      await sleep(300)
      const before = server.cpu()
      const { delivered, sent, seen } = await audience.type(KEYS_PER_SECOND, TYPE_MS)
      const used = server.cpu() - before
      if (delivered < sent * viewers) throw new Error(`${kind} delivered ${delivered} of ${sent * viewers} updates`)
      p50.add(kind, seen.p50)
      p99.add(kind, seen.p99)
      cpu.add(kind, (used / delivered) * 1000)
      await audience.leave()
      await sleep(200)
    }
  })
}

function report(): void {
  const commit = median(commits)
  process.stdout.write(`  one commit alone: p50 ${commit.toFixed(2)} ms\n`)
  for (const { viewers, p50 } of measures)
    reportGoal(
      `${viewers} viewers, p50 ms: 1.15 of the relay and one commit`,
      p50.of('skein'),
      p50.of('relay') * 1.15 + commit,
    )
  const most = measures.at(-1)
  if (!most) return
  const { viewers, p50, cpu } = most
  const peers = (['y-websocket', 'hocuspocus', 'hocuspocus-pg'] as const).map((kind) => p50.of(kind))
  reportGoal(`${viewers} viewers, p50 ms: the fastest peer`, p50.of('skein'), Math.min(...peers))
  reportGoal(`${viewers} viewers, CPU per 1,000 delivered: the relay`, cpu.of('skein'), cpu.of('relay'))
}
