/**
 * Opening a project of 10,000 files, as its page does: the list of files and the text of the first one, by HTTP over
 * a socket, signed in, with row-level security and the real live documents. The floor is what PostgreSQL and the
 * driver need for the same bytes in one query. A page that comes back with the list it has (ETag) is measured beside
 * it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase } from '@skein/db'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import pg from 'pg'
import { createCollab } from '../collab/collab.ts'
import { createLog } from '../observability/log.ts'
import { createMetrics } from '../observability/metrics.ts'
import { createApiDoor } from '../services/api.ts'
import { buildProjectWorld } from './testing/project-world.ts'

const files = 10_000
const textBytes = 10_000
const rounds = 40
/** Of the floor: the query itself, its rows as objects, JSON, HTTP, and four short queries that ask who is asking. */
const goalOfFloor = 2

const postgres = await startTestServer({ isDurable: true })
const { address } = await copyTemplate(postgres)
const database = openDatabase(address)
const superuser = new URL(postgres.superuserAddress)
superuser.pathname = new URL(address).pathname
const pool = new pg.Pool({ connectionString: superuser.href, max: 2 })
const ask = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await pool.query<Row>(text, [...values])).rows

const collab = createCollab({
  db: database,
  events: { tell: () => {} },
  log: createLog('silent'),
  metrics: createMetrics(),
  ownOrigins: [],
  now: () => new Date(),
})
await collab.run()
const world = await buildProjectWorld({ database, address, ask }, { documents: collab.liveDocuments })
const door = createApiDoor(world.app)
const http = createServer((request, response) => void door.handle(request, response))
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

const owner = await world.owner('Ana')
const { token } = await world.program(owner.browser)
await fillProject(owner.project.id, owner.workspace.id)
const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}${owner.base}`
const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() }
}

const firstPath = 'src/part-000/file-00001.ts'
const { etag, text } = await get('/files')
const listed = JSON.parse(text).items.length
if (listed !== files) throw new Error(`expected ${files} files, the list has ${listed}`)

const open = await measure(async () => void (await Promise.all([get('/files'), get(`/content/${firstPath}`)])))
const again = await measure(async () => {
  const { status } = await get('/files', { 'if-none-match': etag })
  if (status !== 304) throw new Error(`expected 304, got ${status}`)
})
const floor = await measure(async () => {
  await ask(
    `select id, path, kind, mode, bytes, document_id, eol, bom from file where project_id = $1 and deleted_at is null order by path collate "C"`,
    [owner.project.id],
  )
  await ask(
    'select text from document_state s join file f on f.document_id = s.document_id where f.project_id = $1 and f.path = $2',
    [owner.project.id, firstPath],
  )
})

const ratio = open.median / floor.median
process.stdout.write(`Opening a project of ${files.toLocaleString('en')} files (${(text.length / 1e6).toFixed(1)} MB of JSON), ms, median (p90) of ${rounds}
  one SQL query of the same bytes      ${show(floor)}
  list and first text by HTTP          ${show(open)}   ${ratio.toFixed(2)} of the floor
  list that the page has already, 304  ${show(again)}
goal: opening costs at most ${goalOfFloor} of one SQL query: ${ratio <= goalOfFloor ? 'met' : 'missed'} (${ratio.toFixed(2)})
`)

world.events.stop()
await collab.drain()
await collab.stop()
http.closeAllConnections()
http.close()
await pool.end()
await database.close()
await postgres.stop()

interface Figures {
  median: number
  p90: number
}

/** Runs the work some rounds after a warm-up; milliseconds. */
async function measure(work: () => Promise<void>): Promise<Figures> {
  const times: number[] = []
  for (let round = -10; round < rounds; round++) {
    const started = performance.now()
    await work()
    if (round >= 0) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { median: times[Math.floor(rounds / 2)] ?? 0, p90: times[Math.floor(rounds * 0.9)] ?? 0 }
}

function show({ median, p90 }: Figures): string {
  return `${median.toFixed(1).padStart(7)} (${p90.toFixed(1)})`
}

/** 10,000 text files of 10 kB in folders of 100, as an import would leave them. */
async function fillProject(project: string, workspace: string): Promise<void> {
  await ask(
    `with f as (
       insert into file (workspace_id, project_id, path, path_key, kind, bytes, document_id, eol, created_by, changed_by)
       select $1, $2, p, p, 'text', $4, gen_random_uuid(), 'lf', 'skein', 'skein'
       from generate_series(1, $3::int) n,
         lateral (select 'src/part-' || lpad((n / 100)::text, 3, '0') || '/file-' || lpad(n::text, 5, '0') || '.ts' as p)
       returning id, document_id
     ), d as (
       insert into document (id, workspace_id, project_id, file_id) select document_id, $1, $2, id from f returning id
     )
     insert into document_state (document_id, workspace_id, text) select id, $1, repeat('0123456789', $4::int / 10) from d`,
    [workspace, project, files, textBytes],
  )
  await ask('analyze')
}
