/** Documents in a database of a test, and somebody who types into their logs, past the live documents. */
import { randomUUID } from 'node:crypto'
import { type Database, documentLogQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import {
  applyState,
  applyUpdate,
  decodeUpdateFrames,
  documentText,
  encodeUpdateFrames,
  seedEpoch,
} from '@skein/document'
import { type ActorKey, type DocumentId, SKEIN } from '@skein/protocol'
import * as Y from 'yjs'

export const ANA = 'person:ana' as ActorKey

export interface LogWorld {
  db: Database
  ask: Awaited<ReturnType<typeof createTestDatabase>>['ask']
  /** A document that was opened with this text. */
  add(text?: string): Promise<Typist>
}

/** Keeps a replica, and the text after each row. */
export interface Typist {
  document: DocumentId
  doc: Y.Doc
  /** By row; that of row 0 is the seed's. */
  texts: string[]
  /** One row, of the updates that `change` makes, each transaction one. */
  append(change: (text: Y.Text) => void, actor?: ActorKey, run?: string): Promise<number>
  /** That many rows of one letter each, at places that follow from their number. */
  type(rows: number): Promise<void>
  appendRaw(updates: readonly Uint8Array[]): Promise<number>
}

export async function createLogWorld(): Promise<LogWorld> {
  const { database: db, ask } = await createTestDatabase()
  const workspace = randomUUID()
  const project = randomUUID()
  await ask(`insert into workspace (id, slug, name) values ($1, $2, 'Team')`, [workspace, `team-${workspace}`])
  await ask(`insert into project (id, workspace_id, slug, name, created_by) values ($1, $2, 'n', 'N', 'skein')`, [
    project,
    workspace,
  ])
  const add = async (text = ''): Promise<Typist> => {
    const document = randomUUID() as DocumentId
    const file = randomUUID()
    await ask(
      `insert into file (id, workspace_id, project_id, path, path_key, kind, document_id, eol, created_by, changed_by)
       values ($1, $2, $3, $4, $4, 'text', $5, 'lf', 'skein', 'skein')`,
      [file, workspace, project, `${document}.md`, document],
    )
    await ask('insert into document (id, workspace_id, project_id, file_id) values ($1, $2, $3, $4)', [
      document,
      workspace,
      project,
      file,
    ])
    await ask('insert into document_state (document_id, workspace_id, text) values ($1, $2, $3)', [
      document,
      workspace,
      text,
    ])
    const state = seedEpoch(text, 1, 7)
    await db.onLog((tx) => documentLogQueries.insertSeed(tx, document, { state, clientId: 7, actor: SKEIN }))
    return createTypist(db, document, state)
  }
  return { db, ask, add }
}

function createTypist(db: Database, document: DocumentId, state: Uint8Array): Typist {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, state)
  const texts = [documentText(doc)]
  const appendFrames = async (updates: readonly Uint8Array[], actor = ANA, run?: string): Promise<number> => {
    const payload = encodeUpdateFrames(updates.map((update) => (run ? { actor, run, update } : { actor, update })))
    const rows = await documentLogQueries.appendUpdates(db.log, [{ document, epoch: 1, payload, clients: [] }])
    texts.push(documentText(doc))
    return rows[0]?.seq ?? -1
  }
  const typist: Typist = {
    document,
    doc,
    texts,
    append: async (change, actor, run) => {
      const updates: Uint8Array[] = []
      const note = (update: Uint8Array) => updates.push(update)
      doc.on('update', note)
      change(doc.getText('text'))
      doc.off('update', note)
      return appendFrames(updates, actor, run)
    },
    appendRaw: (updates) => appendFrames(updates),
    type: async (rows) => {
      for (let n = 0; n < rows; n++) {
        await typist.append((text) => {
          const at = (n * 7919) % (text.length + 1)
          if (n % 5 === 4 && at < text.length) text.delete(at, 1)
          else text.insert(at, String.fromCharCode(97 + (n % 26)))
        })
      }
    },
  }
  return typist
}

/** What a server that starts now would open: the state and the rows after it. */
export async function openStored({ ask }: Pick<LogWorld, 'ask'>, document: DocumentId): Promise<Y.Doc> {
  const [row] = await ask<{ state: Buffer; upto: string }>(
    'select state, upto_seq as upto from document_state where document_id = $1',
    [document],
  )
  const rows = await ask<{ payload: Buffer }>(
    'select payload from document_update where document_id = $1 and seq > $2 order by seq',
    [document, row?.upto],
  )
  const doc = new Y.Doc()
  doc.transact(() => {
    if (row) applyState(doc, row.state)
    for (const { payload } of rows) for (const { update } of decodeUpdateFrames(payload)) applyUpdate(doc, update)
  })
  return doc
}
