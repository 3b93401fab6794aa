/** What an open document of 10 KB costs in memory, with one connection each on few sockets; beside stock Hocuspocus, which keeps no more than the document. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BenchClient, type BenchServer, createBenchWorld, reportGoal } from './bench/world.ts'

const DOCUMENTS = 400
const TEXT_LENGTH = 10_000

const world = await createBenchWorld()
const perDocument: Record<string, number> = {}
for (const kind of ['stock', 'skein'] as const) {
  const server = await world.start(kind)
  // What is compiled and cached once is not counted.
  await openMany(server, 20)
  const before = await server.memory()
  await openMany(server, DOCUMENTS)
  const after = await server.memory()
  const heapBytes = after.heapUsed + after.external - before.heapUsed - before.external
  perDocument[kind] = heapBytes / DOCUMENTS / 1024
  const rss = (after.rss - before.rss) / DOCUMENTS / 1024
  process.stdout.write(
    `  ${kind}: ${perDocument[kind]?.toFixed(1)} KB of heap and ${rss.toFixed(1)} KB of RSS for each open document and its socket\n`,
  )
  await server.stop()
}
reportGoal('heap for each open document beside stock', (perDocument.skein ?? 0) / (perDocument.stock ?? 1), 1)
await world.stop()

async function openMany(server: BenchServer, count: number): Promise<void> {
  const documents = await world.addDocuments(count)
  for (const document of documents) {
    const client = await BenchClient.open(server, document, world.person.token)
    client.type('x'.repeat(TEXT_LENGTH))
  }
  await sleep(1_000)
}
