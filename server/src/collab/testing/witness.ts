/**
 * A witness of what is durable: a database that notes every commit of the log in the moment in which PostgreSQL has confirmed it, before the
 * server can tell anybody. Against it every claim "saved" is checked at the very instant at which it is made.
 */
import type { Database } from '@skein/db'
import { applyUpdate, decodeUpdateFrames } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import * as Y from 'yjs'
import type { TestClient } from './client.ts'

export class Witness {
  readonly database: Database
  /** Claims that were true, and those that were not. */
  readonly claims = { true: 0, false: 0 }
  readonly #durable = new Map<DocumentId, Y.Doc>()

  constructor(database: Database) {
    const query: Database['log']['query'] = async (text, values) => {
      const rows = await database.log.query(text, values)
      if (text.includes('insert into document_update')) this.#note(values as [DocumentId[], number[], Buffer[]])
      return rows as never
    }
    this.database = { ...database, log: { ...database.log, query } as Database['log'] }
  }

  /** Checks each instant at which the client calls everything saved. */
  watch(document: DocumentId, client: TestClient): void {
    const check = () => {
      if (!client.isSaved) return
      const update = Y.encodeStateAsUpdate(client.provider.document)
      const isDurable = Y.snapshotContainsUpdate(Y.snapshot(this.durable(document)), update)
      this.claims[isDurable ? 'true' : 'false']++
    }
    client.provider.on('unsyncedChanges', check)
    client.provider.on('authenticated', check)
  }

  /** What a server that starts now would know. Give it the seed first. */
  durable(document: DocumentId): Y.Doc {
    const known = this.#durable.get(document)
    if (known) return known
    const doc = new Y.Doc()
    this.#durable.set(document, doc)
    return doc
  }

  #note([documents, , payloads]: [DocumentId[], number[], Buffer[]]): void {
    for (const [i, document] of documents.entries()) {
      for (const { update } of decodeUpdateFrames(payloads[i] as Buffer)) applyUpdate(this.durable(document), update)
    }
  }
}
