/**
 * Live documents in memory, for tests and simulations: it orders commits of several nodes as PostgreSQL does, and what it has confirmed it
 * keeps, whatever becomes of the nodes.
 */
import { randomUUID } from 'node:crypto'
import { documentText, seedEpoch } from '@skein/document'
import { type ActorKey, type DocumentId, type FileId, type ProjectId, SKEIN, type WorkspaceId } from '@skein/protocol'
import * as Y from 'yjs'
import { applyPicture, type DocumentPicture, type LogRow } from '../document-picture.ts'
import type { CommitItem, DocumentStore, Landing } from '../document-store.ts'

interface KeptDocument {
  fileId: FileId
  projectId: ProjectId
  workspaceId: WorkspaceId
  epoch: number
  head: number
  state: Uint8Array | null
  uptoSeq: number
  rows: LogRow[]
  owners: Map<number, { actor: ActorKey; retired: boolean }>
  text: string
  textSeq: number
}

/** Everything that a store kept at one moment. */
export type StorePicture = ReadonlyMap<DocumentId, KeptDocument>

export class MemoryDocumentStore implements DocumentStore {
  readonly #documents = new Map<DocumentId, KeptDocument>()
  readonly #random: () => number
  #timeline = 1

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** A text file that was never opened. */
  add(text = '', id = randomUUID() as string as DocumentId): DocumentId {
    this.#documents.set(id, {
      fileId: id as string as FileId,
      projectId: 'project' as ProjectId,
      workspaceId: 'workspace' as WorkspaceId,
      epoch: 1,
      head: 0,
      state: null,
      uptoSeq: 0,
      rows: [],
      owners: new Map(),
      text,
      textSeq: 0,
    })
    return id
  }

  remove(document: DocumentId): void {
    this.#documents.delete(document)
  }

  /** Ends the epoch, as a restore after a disaster does: the text begins anew, under another seed. */
  endEpoch(document: DocumentId, text: string): void {
    const kept = this.#keptOf(document)
    for (const owner of kept.owners.values()) owner.retired = true
    Object.assign(kept, { epoch: kept.epoch + 1, state: null, rows: [], uptoSeq: kept.head, text, textSeq: kept.head })
  }

  /** Puts all rows into the state, as a compaction does. */
  compact(document: DocumentId): void {
    const kept = this.#keptOf(document)
    kept.state = Y.encodeStateAsUpdateV2(this.replay(document))
    kept.uptoSeq = kept.head
    kept.rows = []
  }

  /** What a node that starts now would read. */
  replay(document: DocumentId): Y.Doc {
    const kept = this.#keptOf(document)
    if (!kept.state) this.#seed(kept)
    const doc = new Y.Doc()
    applyPicture(doc, { state: kept.state as Uint8Array, rows: kept.rows })
    return doc
  }

  /** What it would be after `goBack`: what it was at this moment. */
  picture(): StorePicture {
    return structuredClone(this.#documents)
  }

  /** Becomes what it was once, as when a standby that lacks the last commits takes over: what came after is lost, on a new timeline. */
  goBack(picture: StorePicture): void {
    this.#timeline++
    this.#documents.clear()
    for (const [document, kept] of structuredClone(picture)) this.#documents.set(document, kept)
  }

  headOf(document: DocumentId): number {
    return this.#keptOf(document).head
  }

  /** The text that was kept beside the state. */
  textBeside(document: DocumentId): { text: string; seq: number } {
    const { text, textSeq } = this.#keptOf(document)
    return { text, seq: textSeq }
  }

  textOf(document: DocumentId): string {
    return documentText(this.replay(document))
  }

  async commit(items: readonly CommitItem[]): Promise<ReadonlyMap<DocumentId, Landing>> {
    return new Map(items.map((item) => [item.document, this.#append(item)]))
  }

  async load(document: DocumentId): Promise<DocumentPicture | null> {
    const kept = this.#documents.get(document)
    if (!kept) return null
    if (!kept.state) this.#seed(kept)
    const { fileId, projectId, workspaceId, epoch, head, state, textSeq } = kept
    return {
      id: document,
      fileId,
      projectId,
      workspaceId,
      epoch,
      head,
      timeline: this.#timeline,
      state: state as Uint8Array,
      rows: [...kept.rows],
      clients: listOwners(kept),
      textSeq,
    }
  }

  async loadMissed(document: DocumentId, seq: number) {
    const kept = this.#documents.get(document)
    if (!kept) return null
    const { epoch, head, uptoSeq } = kept
    const state = uptoSeq > seq ? kept.state : null
    const rows = kept.rows.filter((row) => row.seq > seq)
    return { epoch, head, timeline: this.#timeline, state, uptoSeq, rows, clients: listOwners(kept) }
  }

  /** Nothing rots here. */
  async repair(): Promise<void> {}

  async heads(documents: readonly DocumentId[]) {
    const known = documents.flatMap((id) => {
      const kept = this.#documents.get(id)
      return kept ? [[id, { epoch: kept.epoch, head: kept.head, timeline: this.#timeline }] as const] : []
    })
    return new Map(known)
  }

  async saveText(
    document: DocumentId,
    at: { epoch: number; seq: number; timeline?: number },
    text: string,
  ): Promise<void> {
    const kept = this.#documents.get(document)
    if (!kept || kept.epoch !== at.epoch || kept.textSeq >= at.seq || at.seq > kept.head) return
    if (at.timeline !== undefined && at.timeline !== this.#timeline) return
    kept.text = text
    kept.textSeq = at.seq
  }

  #append({ document, epoch, payload, onto, clients }: CommitItem): Landing {
    const kept = this.#documents.get(document)
    if (!kept) return { outcome: 'gone' }
    if (kept.epoch !== epoch) return { outcome: 'refused', reason: 'epoch-changed' }
    if (onto && (onto.timeline !== this.#timeline || onto.seq > kept.head))
      return { outcome: 'refused', reason: 'rows-lost' }
    for (const { clientId, actor } of clients) {
      if (!kept.owners.has(clientId)) kept.owners.set(clientId, { actor, retired: false })
    }
    if (clients.some(({ clientId, actor }) => kept.owners.get(clientId)?.actor !== actor))
      return { outcome: 'refused', reason: 'foreign-client' }
    kept.head++
    kept.rows.push({ seq: kept.head, payload: payload.slice() })
    return { outcome: 'committed', seq: kept.head }
  }

  #seed(kept: KeptDocument): void {
    const clientId = Math.floor(this.#random() * 2 ** 32)
    kept.state = seedEpoch(kept.text, kept.epoch, clientId)
    kept.owners.set(clientId, { actor: SKEIN, retired: false })
  }

  #keptOf(document: DocumentId): KeptDocument {
    const kept = this.#documents.get(document)
    if (!kept) throw new Error(`There is no document ${document}`)
    return kept
  }
}

const listOwners = ({ owners }: KeptDocument) => [...owners].map(([clientId, owner]) => ({ clientId, ...owner }))
