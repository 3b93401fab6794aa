/**
 * What the benchmarks share: a durable PostgreSQL, people with tokens, documents of any text. Servers and the crowd that uses them are processes
 * of their own.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { documentLogQueries, openDatabase } from '@skein/db'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import { encodeUpdateFrames } from '@skein/document'
import type { DocumentId, FileId } from '@skein/protocol'
import pg from 'pg'
import { type Ask, addPerson, addProject, type TestPerson, type TestProject } from '../testing/fixtures.ts'
import { type Kind, median } from './figures.ts'
import { type BenchServer, type Seed, startPeer, startSkein } from './servers.ts'
import { childrenOf, cpuSeconds, parentOf } from './usage.ts'

/** A document as it stands in the database before anybody has opened it, or with a state. */
export interface BenchText {
  text: string
  /** In the second encoding of Yjs; null: never opened. */
  state?: Uint8Array
}

export interface BenchWorld {
  address: string
  /** Of somebody who may make tables. */
  superuserAddress: string
  ask: Ask
  project: TestProject
  people: readonly TestPerson[]
  /** A fresh process. Documents of a peer begin with what `seed` says; ours come with the database. */
  start(kind: Kind, seed?: Seed): Promise<BenchServer>
  addDocuments(count: number, like?: BenchText): Promise<DocumentId[]>
  /** Names of documents for any kind of server: ours have to be in the database. */
  nameDocuments(kind: Kind, count: number, like?: BenchText): Promise<string[]>
  /** Processor time of PostgreSQL so far. */
  postgresCpu(): number
  /** Bytes that were written to the log of PostgreSQL so far. */
  walBytes(): Promise<number>
  stop(): Promise<void>
}

/** Who takes the seats in turn: one person may have a bounded number of sockets. */
const PEOPLE = 500

export async function createBenchWorld(): Promise<BenchWorld> {
  const postgres = await startTestServer({ isDurable: true })
  const { address, superuserAddress, drop } = await copyTemplate(postgres)
  const pool = new pg.Pool({ connectionString: superuserAddress, max: 4 })
  pool.on('error', () => {})
  const ask: Ask = async (text, values = []) => (await pool.query(text, [...values])).rows
  const [backend] = await ask<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = parentOf(backend?.pid ?? 0)
  const project = await addProject(ask)
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, n) => addPerson(ask, project, `Person-${n}`, 'editor')),
  )
  const servers = new Set<BenchServer>()
  const addDocuments: BenchWorld['addDocuments'] = (count, like = { text: '' }) =>
    insertDocuments(ask, project, count, like)
  return {
    address,
    superuserAddress,
    ask,
    project,
    people,
    start: async (kind, seed = null) => {
      const server = kind === 'skein' ? await startSkein(address) : await startPeer(kind, superuserAddress, seed)
      servers.add(server)
      return server
    },
    addDocuments,
    nameDocuments: async (kind, count, like) =>
      kind === 'skein' ? addDocuments(count, like) : Array.from({ length: count }, () => randomUUID()),
    postgresCpu: () => cpuSeconds([postmaster, ...childrenOf(postmaster)]),
    walBytes: async () => {
      const [row] = await ask<{ bytes: string }>(`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes`)
      return Number(row?.bytes)
    },
    stop: async () => {
      for (const server of servers) await server.stop()
      await pool.end()
      await drop()
      await postgres.stop()
    },
  }
}

async function insertDocuments(
  ask: Ask,
  { workspaceId, projectId }: TestProject,
  count: number,
  { text, state }: BenchText,
): Promise<DocumentId[]> {
  const documents = Array.from({ length: count }, () => randomUUID() as string as DocumentId)
  const files = documents.map(() => randomUUID() as string as FileId)
  const values = [documents, files, workspaceId, projectId]
  await ask(
    `insert into file (id, workspace_id, project_id, path, path_key, kind, document_id, eol, created_by, changed_by)
     select f, $3, $4, d || '.md', d || '.md', 'text', d, 'lf', 'skein', 'skein' from unnest($1::uuid[], $2::uuid[]) as t (d, f)`,
    values,
  )
  await ask(
    `insert into document (id, workspace_id, project_id, file_id)
     select d, $3, $4, f from unnest($1::uuid[], $2::uuid[]) as t (d, f)`,
    values,
  )
  await ask(
    `insert into document_state (document_id, workspace_id, text, state) select d, $2, $3, $4 from unnest($1::uuid[]) as t (d)`,
    [documents, workspaceId, text, state ? Buffer.from(state) : null],
  )
  return documents
}

/** What one commit of one keystroke costs when nothing else happens: the median, in milliseconds. */
export async function measureCommit({ address, addDocuments, people: [person] }: BenchWorld): Promise<number> {
  const [document] = await addDocuments(1)
  if (!document || !person) throw new Error('There is nobody who could type')
  const db = openDatabase(address)
  const payload = encodeUpdateFrames([{ actor: person.actor, update: new Uint8Array(22) }])
  const item = { document, epoch: 1, payload, clients: [] }
  const times: number[] = []
  for (let n = 0; n < 40; n++) {
    await sleep(10 + Math.random() * 30)
    const at = performance.now()
    await documentLogQueries.appendUpdates(db.log, [item])
    times.push(performance.now() - at)
  }
  await db.close()
  return median(times)
}
