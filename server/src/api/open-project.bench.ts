/**
 * Opening a project of 10,000 files, as its page does: the list of files and the text of the first one, by HTTP over
 * a socket, signed in, with row-level security and the real live documents. The floor is what PostgreSQL and the
 * driver need for the same bytes in one query. A page that comes back with the list it has (ETag) is measured beside
 * it.
 */
import { Agent, createServer, request } from 'node:http'
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
const { address, superuserAddress } = await copyTemplate(postgres)
const database = openDatabase(address)
const pool = new pg.Pool({ connectionString: superuserAddress, max: 2 })
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
// The plainest client there is: its work is in the same process, and only the server's is to be measured.
const agent = new Agent({ keepAlive: true })
const get = (
  path: string,
  more: Record<string, string> = {},
): Promise<{ status: number; etag: string; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...more }
    request(`${base}${path}`, { agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, etag: answer.headers.etag ?? '', body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })

const firstPath = 'src/part-000/file-00001.ts'
const { etag, body } = await get('/files')
const listed = JSON.parse(body.toString()).items.length
if (listed !== files) throw new Error(`expected ${files} files, the list has ${listed}`)

const openOnce = async () => void (await Promise.all([get('/files'), get(`/content/${firstPath}`)]))
const againOnce = async () => {
  const { status } = await get('/files', { 'if-none-match': etag })
  if (status !== 304) throw new Error(`expected 304, got ${status}`)
}
const floorOnce = async () => {
  await ask(
    `select id, path, kind, mode, bytes, document_id, eol, bom from file where project_id = $1 and deleted_at is null order by path collate "C"`,
    [owner.project.id],
  )
  await ask(
    'select text from document_state s join file f on f.document_id = s.document_id where f.project_id = $1 and f.path = $2',
    [owner.project.id, firstPath],
  )
}
// Turn by turn, so that whatever else the machine does is in all of them.
const [floor, open, again] = await measureByTurns(floorOnce, openOnce, againOnce)

const ratio = open.median / floor.median
process.stdout.write(`Opening a project of ${files.toLocaleString('en')} files (${(body.length / 1e6).toFixed(1)} MB of JSON), ms, median (p90) of ${rounds}
  one SQL query of the same bytes      ${show(floor)}
  list and first text by HTTP          ${show(open)}   ${ratio.toFixed(2)} of the floor
  list that the page has already, 304  ${show(again)}
goal: opening costs at most ${goalOfFloor} of one SQL query: ${ratio <= goalOfFloor ? 'met' : 'missed'} (${ratio.toFixed(2)})
`)

world.events.stop()
await collab.drain()
await collab.stop()
agent.destroy()
http.closeAllConnections()
http.close()
await pool.end()
await database.close()
await postgres.stop()

interface Figures {
  median: number
  p90: number
}

/** Runs each work once a round, after a warm-up; milliseconds. */
async function measureByTurns(...works: (() => Promise<void>)[]): Promise<[Figures, Figures, Figures]> {
  const times = works.map((): number[] => [])
  for (let round = -10; round < rounds; round++) {
    for (const [n, work] of works.entries()) {
      const started = performance.now()
      await work()
      if (round >= 0) times[n]?.push(performance.now() - started)
    }
  }
  return times.map(toFigures) as [Figures, Figures, Figures]
}

function toFigures(times: number[]): Figures {
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
