/**
 * A double of the live documents for tests of the API: texts as the database first held them, edits on top of them in
 * memory. What an edit means for open editors and for the log is tested with the real ones, in `collab`.
 */

import type { TestDatabase } from '@skein/db/testing'
import type { DocumentId, Revision } from '@skein/protocol'
import type { LiveDocuments, LiveText } from '../../commands/live-documents.ts'

export interface StoredDocuments extends LiveDocuments {
  /** Runs once, between the check of a revision by somebody else and the next edit: as a person who types just then. */
  beforeNextEdit: (() => Promise<unknown>) | undefined
}

export function createStoredDocuments(test: Pick<TestDatabase, 'ask'>): StoredDocuments {
  const edited = new Map<DocumentId, { text: string; seq: number }>()
  const find = async (document: DocumentId): Promise<{ text: string; seq: number } | undefined> =>
    edited.get(document) ??
    (
      await test.ask<{ text: string; seq: number }>(
        'select text, 0 as seq from document_state where document_id = $1',
        [document],
      )
    )[0]
  const toLive = (document: DocumentId, { text, seq }: { text: string; seq: number }): LiveText => ({
    revision: `${document}:1:${seq}` as Revision,
    text,
  })

  const documents: StoredDocuments = {
    beforeNextEdit: undefined,
    read: async (ids) => {
      const found = new Map<DocumentId, LiveText>()
      for (const id of ids) {
        const text = await find(id)
        if (text) found.set(id, toLive(id, text))
      }
      return found
    },
    edit: async (document, _, read, edits) => {
      const before = documents.beforeNextEdit
      documents.beforeNextEdit = undefined
      await before?.()
      const present = await find(document)
      if (!present) throw new Error(`no document ${document}`)
      if (toLive(document, present).revision !== read) return { outcome: 'stale', current: toLive(document, present) }
      let text = present.text
      for (const { at, remove, insert } of [...edits].reverse()) {
        text = text.slice(0, at) + insert + text.slice(at + remove)
      }
      const next = { text, seq: present.seq + 1 }
      edited.set(document, next)
      return { outcome: 'applied', current: toLive(document, next) }
    },
  }
  return documents
}
