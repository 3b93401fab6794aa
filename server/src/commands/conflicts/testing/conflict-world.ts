/** Live texts over PostgreSQL and real sockets, Git's three-way, and pulls that are nothing but remote texts. */
import { randomUUID } from 'node:crypto'
import { conflictQueries, type Database } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import {
  type ConflictChoice,
  type DocumentId,
  type FileId,
  type Oid,
  type OverlapPolicy,
  type PersistedEvent,
  SKEIN,
} from '@skein/protocol'
import { afterAll, onTestFinished } from 'vitest'
import { GitTextMerge } from '../../../adapters/git/text-merge.ts'
import { openDocument, type TestClient, untilSaved } from '../../../collab/testing/client.ts'
import {
  type Ask,
  addDocument,
  addPerson,
  addProject,
  type TestPerson,
  type TestProject,
} from '../../../collab/testing/fixtures.ts'
import { startCollab, type TestCollab } from '../../../collab/testing/server.ts'
import { createTestFolder, testSearchPath } from '../../../testing/world.ts'
import { decideConflict } from '../decide-conflict.ts'
import type { DecideDeps } from '../decision.ts'
import { type LiveMerge, type LiveMergeOutcome, type MergeLiveDeps, mergeIntoLive } from '../merge-live.ts'

/** A pull that has begun. */
export interface TestPull {
  id: string
  oid: Oid
}

export interface TextFile {
  documentId: DocumentId
  fileId: FileId
}

export interface ConflictWorld {
  database: Database
  ask: Ask
  collab: TestCollab
  deps: MergeLiveDeps
  project: TestProject
  ana: TestPerson
  ben: TestPerson
  /** Everything that was recorded for listeners. */
  events: PersistedEvent[]
  addText(text: string): Promise<TextFile>
  sitDown(file: TextFile, person?: TestPerson): Promise<TestClient>
  read(file: TextFile): Promise<string>
  beginPull(): Promise<TestPull>
  /** Brings theirs in; by default by a pull of its own. */
  merge(file: TextFile, texts: { base: string; theirs: string }, more?: MergeOptions): Promise<LiveMergeOutcome>
  conflicts(file: TextFile): Promise<conflictQueries.ConflictRow[]>
  /** Decides as one of the people. */
  decide(
    id: string,
    choice: ConflictChoice,
    more?: { by?: TestPerson; closes?: boolean; deps?: Partial<DecideDeps> },
  ): Promise<void>
  /** What stands at each open conflict of the text now. */
  present(file: TextFile): Promise<(string | null)[]>
}

export interface MergeOptions {
  pull?: TestPull
  policy?: OverlapPolicy
  isRetry?: boolean
  deps?: Partial<MergeLiveDeps>
}

/** Call it at the top of a test file. */
export async function createConflictWorld(): Promise<ConflictWorld> {
  const { database, ask } = await createTestDatabase()
  const collab = await startCollab(database)
  afterAll(() => collab.stop())
  const project = await addProject(ask)
  const [ana, ben] = [await addPerson(ask, project, 'Ana', 'editor'), await addPerson(ask, project, 'Ben', 'editor')]
  const events: PersistedEvent[] = []
  const deps: MergeLiveDeps = {
    db: database,
    record: async (_tx, _project, event) => void events.push(event),
    documents: collab.collab.liveDocuments,
    merge: new GitTextMerge({ searchPath: testSearchPath, directory: await createTestFolder() }),
  }
  const world: ConflictWorld = {
    ...{ database, ask, collab, deps, project, ana, ben, events },
    addText: async (text) => {
      const documentId = await addDocument(ask, project, text)
      const [row] = await ask<{ id: FileId }>('select file_id as id from document where id = $1', [documentId])
      if (!row) throw new Error('The document is not there')
      return { documentId, fileId: row.id }
    },
    sitDown: async ({ documentId }, { token } = ana) => {
      const client = openDocument({ url: collab.url, token, document: documentId })
      onTestFinished(() => client.destroy())
      await untilSaved(client)
      return client
    },
    read: async ({ documentId }) => (await deps.documents.read([documentId])).get(documentId)?.text ?? '',
    beginPull: async () => {
      const oid = `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, 40) as Oid
      const [row] = await ask<{ id: string }>(
        `insert into pull (project_id, workspace_id, kind, theirs_oid, state) values ($1, $2, 'merge', $3, 'done') returning id`,
        [project.projectId, project.workspaceId, oid],
      )
      return { id: row?.id ?? '', oid }
    },
    merge: async (file, texts, { pull, policy = 'ask', isRetry = false, deps: others = {} } = {}) => {
      const { id, oid } = pull ?? (await world.beginPull())
      const { documentId, fileId } = file
      const writer: LiveMerge['writer'] = { actor: SKEIN, run: `pull ${id} ${documentId}` }
      const remote = { oid, authorName: 'Mei', at: new Date(0) }
      const asked = {
        project,
        pullId: id,
        fileId,
        documentId,
        path: 'notes.md',
        writer,
        remote,
        policy,
        isRetry,
        begunAt: new Date(0),
      }
      return mergeIntoLive({ ...deps, ...others }, { ...asked, ...texts })
    },
    conflicts: ({ documentId }) =>
      ask<{ id: string }>('select id from conflict where document_id = $1 order by id', [documentId]).then((rows) =>
        Promise.all(
          rows.map(({ id }) =>
            database
              .inWorkspace(project.workspaceId, (tx) => conflictQueries.findConflict(tx, project.projectId, id))
              .then((row) => row as conflictQueries.ConflictRow),
          ),
        ),
      ),
    decide: (id, choice, { by: { userId } = ana, closes = true, deps: others = {} } = {}) => {
      const name = userId === ana.userId ? 'Ana' : 'Ben'
      const actor = { userId, name, email: `${userId}@example.org`, token: null }
      const git = { readBlobs: async () => Promise.reject(new Error('Lines need no blobs')) }
      const decision = { actor, choice, closes, checkRight: async () => {} }
      return decideConflict({ ...deps, git, ...others }, project, id, decision)
    },
    present: async (file) => {
      const open = (await world.conflicts(file)).filter(({ state }) => state === 'open')
      const anchors = open.map(({ anchorStart, anchorEnd }) => {
        if (!anchorStart || !anchorEnd) throw new Error('A conflict has no place')
        return { anchorStart, anchorEnd }
      })
      const placed = await deps.documents.place(file.documentId, anchors)
      return placed?.ranges.map((range) => range && placed.current.text.slice(range.from, range.to)) ?? []
    },
  }
  return world
}
