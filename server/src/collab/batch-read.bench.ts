/**
 * A batch of 100 texts of 10 KB, as an agent or a search reads them; beside one SQL query for the same bytes. Goals: open documents 0.1 of it,
 * closed ones 1.2, and no document decoded for either.
 */
import { openDatabase } from '@skein/db'
import { type DocumentId, SKEIN } from '@skein/protocol'
import { median, ms, reportGoal } from './bench/figures.ts'
import { createBenchWorld } from './bench/world.ts'
import { startCollab } from './testing/server.ts'
import { editAsServer } from './testing/server-edit.ts'

const DOCUMENTS = 100
const RUNS = 80
const TEXT = 'a line of text\n'.repeat(683)

const world = await createBenchWorld()
const db = openDatabase(world.address)
const server = await startCollab(db, { times: { idleMs: 600_000 } })
const live = server.collab.liveDocuments
const closed = await world.addDocuments(DOCUMENTS, { text: TEXT })
const open = await world.addDocuments(DOCUMENTS, { text: TEXT })
for (const [id, { revision }] of await live.read(open)) {
  await editAsServer(live, id, SKEIN, revision, [{ at: 0, remove: 0, insert: '# ' }])
}

const query = (documents: readonly DocumentId[]) =>
  db.log.query('select document_id, text from document_state where document_id = any($1::uuid[])', [documents])
const times = { query: [] as number[], open: [] as number[], closed: [] as number[] }
const time = async (values: number[], work: () => Promise<unknown>): Promise<void> => {
  const from = performance.now()
  await work()
  values.push(performance.now() - from)
}
for (let run = 0; run < RUNS; run++) {
  await time(times.query, () => query(closed))
  await time(times.closed, () => live.read(closed))
  await time(times.open, () => live.read(open))
}
process.stdout.write(
  `  one SQL query ${ms(median(times.query))}, closed documents ${ms(median(times.closed))}, open ones ${ms(median(times.open))}\n`,
)
reportGoal('100 open documents beside one SQL query', median(times.open) / median(times.query), 0.1)
reportGoal('100 closed documents beside one SQL query', median(times.closed) / median(times.query), 1.2)
await server.stop()
await db.close()
await world.stop()
