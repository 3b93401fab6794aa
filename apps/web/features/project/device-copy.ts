// The copy of one live document on this device: loads it before the network, follows every change, and says how many
// unsent edits it truly holds. It listens from the start and writes once the device has been read, so that nothing slips
// through while that takes long. While one write is under way further updates wait and then go together. When the browser
// has taken the store away, the whole text is written again. The other tabs of the document keep copies of their own in the
// same store; they are told of what was typed here when it is stored, and read it there.

import * as Y from 'yjs'
import { type StoreFault, toStoreError } from './device-database.ts'
import type { DeviceStore, KeptDocument } from './device-store.ts'
import { countUnsentOfOthers } from './unsent-by-tab.ts'

/** Rows of a document beyond which loading puts one state in their place. */
const COMPACT_ABOVE_ROWS = 200
/** A write that failed is tried again after this long, in milliseconds. */
const RETRY_MS = 5_000

export type DeviceCopyOptions = {
  /** The store, once the browser has opened it. */
  store: Promise<DeviceStore>
  doc: Y.Doc
  documentId: string
  projectId: string
  path: string
  /** How many edits that were made here the server has not acknowledged at this moment. */
  countUnsent: () => number
  onStored: (unsent: number) => void
  onFault: (fault: StoreFault) => void
  /** Nothing is stored any more: neither what was typed here nor what other tabs had left. */
  onLost: () => void
  /** The store has rows with edits that other tabs do not have. */
  onNewRows: () => void
}

/** What was found on the device: edits that earlier tabs have not got through to the server, and whether there is a text. */
type Kept = { unsent: number; hasText: boolean }

/** Keeps one document on this device until `stop`. */
export class DeviceCopy {
  private readonly options: DeviceCopyOptions
  private readonly tab: string
  private document: KeptDocument
  private store: DeviceStore | null = null
  /** The newest row that is in the document, and the one up to which the server has everything. */
  private readRow = 0
  private sentRow = 0
  private waiting: Uint8Array[] = []
  private isRecordStale = false
  private isStopped = false
  private loading: Promise<unknown> | null = null
  private writing: Promise<void> | null = null
  private retry: ReturnType<typeof setTimeout> | undefined
  private unwatch: (() => void) | undefined

  constructor(options: DeviceCopyOptions) {
    const { doc, documentId, projectId, path } = options
    this.options = options
    this.tab = String(doc.clientID)
    this.document = { documentId, projectId, path, epoch: 0 }
    doc.on('update', this.onUpdate)
  }

  /**
   * Brings what is kept into the document; may be called again, for what other tabs have added since. Answers null when the
   * device cannot be read, or another tab has started the text anew.
   */
  load(): Promise<Kept | null> {
    const loaded = this.read().catch((error: unknown) => {
      this.fail(error)
      return null
    })
    this.loading = loaded
    return loaded
  }

  /** The server has acknowledged everything that is in the document: the record says so too. */
  markSent(): void {
    this.sentRow = this.readRow
    this.isRecordStale = true
    void this.write()
  }

  /** Starts the document anew on this device; `aside` is kept as a text of its own. */
  async restart(aside: { text: string; unsent: number } | null): Promise<void> {
    this.unfollow()
    this.waiting = []
    this.isRecordStale = false
    await this.writing
    await (await this.options.store).restart(this.document, aside)
  }

  /** Follows the document no longer; resolved when what waited is written, or cannot be. */
  async stop(): Promise<void> {
    this.unfollow()
    await this.loading
    await this.write()
  }

  private unfollow(): void {
    this.isStopped = true
    clearTimeout(this.retry)
    this.unwatch?.()
    this.options.doc.off('update', this.onUpdate)
  }

  private async read(): Promise<Kept | null> {
    const { doc, documentId } = this.options
    const store = await this.options.store
    const { record, updates, lastRow } = await store.load(documentId, this.readRow)
    if (!this.store) {
      this.document = { ...this.document, epoch: record?.epoch ?? 0 }
      if (!this.isStopped) this.unwatch = store.watch({ onLost: this.onLost, onBack: () => void this.write() })
    }
    this.store = store
    void this.write()
    if (!record) return { unsent: 0, hasText: false }
    if (this.isStopped || record.epoch !== this.document.epoch) return null
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update, this)
    }, this)
    this.readRow = lastRow
    if (updates.length > COMPACT_ABOVE_ROWS) {
      await store.compact(this.document, Y.encodeStateAsUpdate(doc), lastRow).catch(() => undefined)
    }
    // Rows that build upon some that are not here make no text before the server has sent those.
    const hasText = updates.length > 0 && doc.store.pendingStructs === null
    return { unsent: countUnsentOfOthers(record.unsentByTab, this.tab), hasText }
  }

  private readonly onLost = (): void => {
    this.readRow = 0
    this.sentRow = 0
    this.waiting = [Y.encodeStateAsUpdate(this.options.doc)]
    this.isRecordStale = true
    this.options.onLost()
  }

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return
    this.waiting.push(update)
    void this.write()
  }

  private get hasWork(): boolean {
    return this.waiting.length > 0 || this.isRecordStale
  }

  private async write(): Promise<void> {
    if (this.store && this.hasWork) this.writing ??= this.writeAll(this.store)
    await this.writing
  }

  private async writeAll(store: DeviceStore): Promise<void> {
    try {
      while (this.hasWork) {
        const updates = this.waiting
        const edits = this.options.countUnsent()
        this.waiting = []
        this.isRecordStale = false
        try {
          await store.append(this.document, { tab: this.tab, edits, sentRow: this.sentRow }, updates)
        } catch (error) {
          this.waiting = [...updates, ...this.waiting]
          this.isRecordStale = true
          throw error
        }
        if (this.waiting.length === 0) this.options.onStored(edits)
        if (edits > 0 && updates.length > 0) this.options.onNewRows()
      }
    } catch (error) {
      this.fail(error)
      if (!this.isStopped) this.retry = setTimeout(() => void this.write(), RETRY_MS)
    } finally {
      this.writing = null
    }
  }

  private fail(error: unknown): void {
    this.options.onFault(toStoreError(error).fault)
  }
}
