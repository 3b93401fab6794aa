// What this device keeps of live documents, so that nothing typed is lost without a network: the updates of each open
// document, which of its edits the server has not acknowledged, and texts that were set aside. One IndexedDB database per
// user, shared by all tabs: what a tab writes is merged with what the others wrote, inside one transaction. A write counts as
// stored only when that has completed. (y-indexeddb tells neither when nor whether it has stored something, and the saved
// fact needs both.)

import { answerOf, completion, type DatabaseWatcher, DeviceDatabase, StoreError } from './device-database.ts'
import { countUnsent, mergeUnsent, type TabAccount, type UnsentByTab } from './unsent-by-tab.ts'

/** Which history of a document is meant: `epoch` counts how often this device had to start it anew. */
export type DocumentKey = { documentId: string; epoch: number }

/** A document with the names under which its owner knows it. */
export type KeptDocument = DocumentKey & { projectId: string; path: string }

/** What the device knows of a document besides its updates. */
export type DocumentRecord = KeptDocument & { unsentByTab: UnsentByTab; changedAt: number }

/** A text that could not go into its document any more, kept until its owner deletes it. */
export type SetAsideText = {
  id: number
  documentId: string
  projectId: string
  path: string
  text: string
  unsent: number
  at: number
}

/** What was read of a document. */
type Loaded = { record: DocumentRecord | null; updates: Uint8Array[]; lastRow: number }

type Row = { id?: number; document: string; update: Uint8Array }

const STORES = ['updates', 'documents', 'aside'] as const
const rowKey = ({ documentId, epoch }: DocumentKey): string => `${documentId}/${epoch}`

async function recordOf(transaction: IDBTransaction, documentId: string): Promise<DocumentRecord | undefined> {
  return await answerOf(transaction.objectStore('documents').get(documentId))
}

/** The store of one user on this device. Every method rejects with StoreError. */
export class DeviceStore {
  private readonly database: DeviceDatabase

  private constructor(database: DeviceDatabase) {
    this.database = database
  }

  /** Opens the store of a user; rejects where the browser gives no storage. */
  static async open(userId: string): Promise<DeviceStore> {
    return new DeviceStore(await DeviceDatabase.open(userId))
  }

  watch(watcher: DatabaseWatcher): () => void {
    return this.database.watch(watcher)
  }

  /**
   * What is kept of a document after the row `afterRow`; an unknown one has no updates and epoch 0. `lastRow` names the newest
   * row read, or `afterRow` when there is none.
   */
  async load(documentId: string, afterRow = 0): Promise<Loaded> {
    const transaction = this.begin('readonly')
    const record = await recordOf(transaction, documentId)
    if (!record) return { record: null, updates: [], lastRow: afterRow }
    const key = rowKey(record)
    const store = transaction.objectStore('updates')
    // What is new is little, of whichever document; all of one document may be much, and has an index.
    const isRest = afterRow > 0
    const newer = IDBKeyRange.lowerBound(afterRow, true)
    const rows = (await answerOf(isRest ? store.getAll(newer) : store.index('document').getAll(key))) as Row[]
    const own = rows.filter(({ document }) => document === key)
    return { record, updates: own.map(({ update }) => update), lastRow: own.at(-1)?.id ?? afterRow }
  }

  /** Adds updates of a document and what this tab knows of its edits; resolved means that the device holds them. */
  async append(document: KeptDocument, account: TabAccount, updates: readonly Uint8Array[]): Promise<void> {
    const transaction = this.begin('readwrite', account.edits > 0 ? 'strict' : 'relaxed')
    const kept = await recordOf(transaction, document.documentId)
    if (kept && kept.epoch !== document.epoch) throw new StoreError('unavailable', 'another tab started the text anew')
    const rows = transaction.objectStore('updates')
    let lastRow: number | null = null
    for (const update of updates) {
      lastRow = Number(await answerOf(rows.add({ document: rowKey(document), update } satisfies Row)))
    }
    const unsentByTab = mergeUnsent(kept?.unsentByTab ?? {}, account, lastRow)
    const { documentId, epoch, projectId, path } = document
    const next: DocumentRecord = { documentId, epoch, projectId, path, unsentByTab, changedAt: Date.now() }
    transaction.objectStore('documents').put(next)
    await completion(transaction)
  }

  /** Puts one state in the place of the rows up to `lastRow`. */
  async compact(key: DocumentKey, state: Uint8Array, lastRow: number): Promise<void> {
    const transaction = this.begin('readwrite')
    const rows = transaction.objectStore('updates')
    const keys = await answerOf(rows.index('document').getAllKeys(rowKey(key)))
    for (const id of keys) if ((id as number) <= lastRow) rows.delete(id)
    rows.add({ document: rowKey(key), update: state } satisfies Row)
    await completion(transaction)
  }

  /**
   * Starts a document anew under the next epoch, keeping `aside` (when given) as a text of its own, in one step. When another
   * tab has done so already, only the text is kept.
   */
  async restart(document: KeptDocument, aside: { text: string; unsent: number } | null): Promise<void> {
    const transaction = this.begin('readwrite', 'strict')
    const { documentId, projectId, path } = document
    if (aside) transaction.objectStore('aside').add({ documentId, projectId, path, ...aside, at: Date.now() })
    const rows = transaction.objectStore('updates')
    for (const id of await answerOf(rows.index('document').getAllKeys(rowKey(document)))) rows.delete(id)
    const kept = await recordOf(transaction, documentId)
    if (!kept || kept.epoch <= document.epoch) {
      const epoch = document.epoch + 1
      const next: DocumentRecord = { documentId, projectId, path, epoch, unsentByTab: {}, changedAt: Date.now() }
      transaction.objectStore('documents').put(next)
    }
    await completion(transaction)
  }

  /** Documents with edits that the server has not acknowledged. */
  async unsentDocuments(): Promise<DocumentRecord[]> {
    const all = (await answerOf(this.begin('readonly').objectStore('documents').getAll())) as DocumentRecord[]
    return all.filter(({ unsentByTab }) => countUnsent(unsentByTab) > 0)
  }

  /** Texts set aside in a project, the oldest first. */
  async textsAside(projectId: string): Promise<SetAsideText[]> {
    const all = (await answerOf(this.begin('readonly').objectStore('aside').getAll())) as SetAsideText[]
    return all.filter((text) => text.projectId === projectId)
  }

  /** Deletes a text that was set aside, when its owner says so. */
  async deleteAside(id: number): Promise<void> {
    const transaction = this.begin('readwrite')
    transaction.objectStore('aside').delete(id)
    await completion(transaction)
  }

  /** Deletes what is kept of documents whose every edit the server has. */
  async forgetSent(): Promise<void> {
    const transaction = this.begin('readwrite')
    const documents = transaction.objectStore('documents')
    const rows = transaction.objectStore('updates')
    for (const record of (await answerOf(documents.getAll())) as DocumentRecord[]) {
      if (countUnsent(record.unsentByTab) > 0) continue
      for (const id of await answerOf(rows.index('document').getAllKeys(rowKey(record)))) rows.delete(id)
      documents.delete(record.documentId)
    }
    await completion(transaction)
  }

  close(): void {
    this.database.close()
  }

  private begin(mode: IDBTransactionMode, durability: IDBTransactionDurability = 'relaxed'): IDBTransaction {
    return this.database.begin([...STORES], mode, durability)
  }
}

/** Clears this device of what the server has anyway, at signing out. Unsent edits and texts set aside stay. */
export async function forgetSentDocuments(userId: string): Promise<void> {
  try {
    const store = await DeviceStore.open(userId)
    await store.forgetSent()
    store.close()
  } catch {
    // Where nothing can be stored there is nothing to clear.
  }
}

/** How many edits of a user stand only on this device; 0 where there is no storage. Asked before signing out. */
export async function countUnsentEdits(userId: string): Promise<number> {
  try {
    const store = await DeviceStore.open(userId)
    const documents = await store.unsentDocuments()
    store.close()
    return documents.reduce((sum, { unsentByTab }) => sum + countUnsent(unsentByTab), 0)
  } catch {
    return 0
  }
}
