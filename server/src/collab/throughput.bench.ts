/**
 * Twenty writers, each with a document of 100 KB of their own, each sending the next edit, at any place, when the last one is acknowledged.
 * Goal: 0.9 of stock Hocuspocus, which does not wait for a database.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BenchClient, type BenchServer, createBenchWorld, median, reportGoal } from './bench/world.ts'

const WRITERS = 20
const ROUNDS = 5
const ROUND_MS = 2_500
const WARM_UP_MS = 500
const TEXT_BYTES = 100_000

const world = await createBenchWorld()
const servers = [await world.start('stock', TEXT_BYTES), await world.start('skein')]
const rates: Record<string, number[]> = { stock: [], skein: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const server of servers) rates[server.kind]?.push(await measure(server))
}
const { stock = [], skein = [] } = rates
for (const [kind, values] of Object.entries(rates)) {
  process.stdout.write(
    `  ${kind}: ${median(values).toFixed(0)} edits/s (${values.map((each) => each.toFixed(0)).join(', ')})\n`,
  )
}
reportGoal('edits per second beside stock', median(skein) / median(stock), 0.9, 'at least')
await world.stop()

async function measure(server: BenchServer): Promise<number> {
  const documents = await world.addDocuments(WRITERS, 'x'.repeat(TEXT_BYTES))
  const writers = await Promise.all(documents.map((document) => BenchClient.open(server, document, world.person.token)))
  let edits = 0
  for (const writer of writers) {
    const type = () => writer.type('x', Math.floor(Math.random() * writer.length))
    writer.onAcknowledged = () => {
      edits++
      type()
    }
    type()
  }
  await sleep(WARM_UP_MS)
  const before = edits
  const from = performance.now()
  await sleep(ROUND_MS)
  const rate = ((edits - before) / (performance.now() - from)) * 1000
  for (const writer of writers) writer.close()
  await sleep(200)
  return rate
}
