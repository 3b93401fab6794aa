import { openDatabase } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll } from 'vitest'
import { compactDocument } from '../commands/history/compact-document.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { testDocumentStore } from './document-store.contract.ts'
import { createPostgresDocumentStore } from './postgres-document-store.ts'
import { addDocument, addProject } from './testing/fixtures.ts'

const { database, address, ask } = await createTestDatabase()
const otherNode = openDatabase(address)
const project = await addProject(ask)
afterAll(() => otherNode.close())

testDocumentStore('PostgreSQL', {
  stores: [createPostgresDocumentStore(database, MACHINE_CLOCK), createPostgresDocumentStore(otherNode, MACHINE_CLOCK)],
  add: (text) => addDocument(ask, project, text),
  remove: async (document) => void (await ask('delete from document where id = $1', [document])),
  compact: async (document) => void (await compactDocument(database, document)),
  endEpoch: async (document: DocumentId, text: string) => {
    await ask('update document set epoch = epoch + 1 where id = $1', [document])
    await ask(`update document_client set retired = true where document_id = $1 and actor = 'skein'`, [document])
    await ask('delete from document_update where document_id = $1', [document])
    await ask(
      `update document_state s set state = null, text = $2, upto_seq = d.head, text_seq = d.head
       from document d where s.document_id = $1 and d.id = $1`,
      [document, text],
    )
  },
  textBeside: async (document) => {
    const [row] = await ask<{ text: string; seq: string }>(
      'select text, text_seq as seq from document_state where document_id = $1',
      [document],
    )
    return { text: row?.text ?? '', seq: Number(row?.seq) }
  },
})
