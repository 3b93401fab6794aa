// The copy of one live document on this device: loads it before the network, follows every change, and says how many
// unsent edits it truly holds. While one write is under way further updates wait and then go together.

import * as Y from 'yjs'
import { type DeviceStore, type DocumentRecord, StoreError, type StoreFault } from './device-store.ts'

/** Rows of a document beyond which loading puts one state in their place. */
const COMPACT_ABOVE_ROWS = 200
/** A write that failed is tried again after this long, in milliseconds. */
const RETRY_MS = 5_000

export type DeviceCopyOptions = {
  store: DeviceStore
  doc: Y.Doc
  documentId: string
  projectId: string
  path: string
  /** How many edits the server has not acknowledged at this moment. */
  countUnsent: () => number
  onStored: (unsent: number) => void
  onFault: (fault: StoreFault) => void
}

/** Keeps one document on this device until `stop`. */
export class DeviceCopy {
  private readonly options: DeviceCopyOptions
  private record: DocumentRecord
  private waiting: Uint8Array[] = []
  private isRecordStale = false
  private isWriting = false
  private isStopped = false
  private retry: ReturnType<typeof setTimeout> | undefined

  constructor(options: DeviceCopyOptions) {
    const { documentId, projectId, path } = options
    this.options = options
    this.record = { documentId, projectId, path, epoch: 0, unsent: 0, changedAt: 0 }
  }

  /** Brings what is kept into the document; answers how many edits were unsent when it was last open, and whether there was any. */
  async load(): Promise<{ unsent: number; hasText: boolean }> {
    const { store, doc, documentId } = this.options
    const { record, updates, lastId } = await store.load(documentId)
    if (record) this.record = { ...record, path: this.record.path }
    if (updates.length > 0) {
      doc.transact(() => {
        for (const update of updates) Y.applyUpdate(doc, update, this)
      }, this)
    }
    doc.on('update', this.onUpdate)
    if (updates.length > COMPACT_ABOVE_ROWS) {
      await store.compact(this.record, Y.encodeStateAsUpdate(doc), lastId).catch(() => undefined)
    }
    return { unsent: record?.unsent ?? 0, hasText: updates.length > 0 }
  }

  /** The server has acknowledged everything: the record says so too. */
  markSent(): void {
    if (this.record.unsent === 0 && this.waiting.length === 0) return
    this.isRecordStale = true
    void this.write()
  }

  /** Starts the document anew on this device; `aside` is kept as a text of its own. */
  async restart(aside: string | null): Promise<void> {
    this.stop()
    await this.options.store.restart({ ...this.record, unsent: this.options.countUnsent() }, aside)
  }

  /** Follows the document no longer. Updates that wait are still written. */
  stop(): void {
    this.isStopped = true
    clearTimeout(this.retry)
    this.options.doc.off('update', this.onUpdate)
  }

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return
    this.waiting.push(update)
    void this.write()
  }

  private async write(): Promise<void> {
    if (this.isWriting) return
    this.isWriting = true
    try {
      while (this.waiting.length > 0 || this.isRecordStale) {
        const updates = this.waiting
        const unsent = this.options.countUnsent()
        this.waiting = []
        this.isRecordStale = false
        const record = { ...this.record, unsent, changedAt: Date.now() }
        try {
          await this.options.store.append(record, updates)
        } catch (error) {
          this.waiting = [...updates, ...this.waiting]
          throw error
        }
        this.record = record
        if (this.waiting.length === 0) this.options.onStored(unsent)
      }
    } catch (error) {
      this.options.onFault(error instanceof StoreError ? error.fault : 'unavailable')
      if (!this.isStopped) this.retry = setTimeout(() => void this.write(), RETRY_MS)
    } finally {
      this.isWriting = false
    }
  }
}
