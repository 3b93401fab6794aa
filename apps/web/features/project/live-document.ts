// One open document: its text, its people, its undo, its place on the socket and its copy on this device. It outlives the
// views that show it, so that undo and unsent edits survive a change of tab and a reconnect.

import { HocuspocusProvider } from '@hocuspocus/provider'
import { createUndo } from '@skein/editor'
import { DenialReason, TEXT_NAME } from '@skein/protocol'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { ProjectConnection } from './connection.ts'
import { DeviceCopy } from './device-copy.ts'
import type { DeviceStore, StoreFault } from './device-store.ts'

/** A device that does not answer within this time, in milliseconds, does not hold up opening a file. */
const DEVICE_WITHIN_MS = 1_000
const TRY_LATER_MS = 3_000

/** What an open document tells its owner. */
export type LiveDocumentEvents = {
  /** Something that is shown has changed. */
  onChange: () => void
  /** Somebody typed here. */
  onEdit: () => void
  /** The server has acknowledged more, or authenticated. */
  onProgress: () => void
  onStored: () => void
  onFault: (fault: StoreFault) => void
  /** The history of the document was replaced on the server: this document is over, `aside` was kept from it. */
  onEpochChanged: (aside: string | null) => void
}

export type LiveDocumentOptions = LiveDocumentEvents & {
  documentId: string
  projectId: string
  path: string
  connection: ProjectConnection
  store: DeviceStore | null
}

export class LiveDocument {
  readonly documentId: string
  readonly doc = new Y.Doc()
  readonly text: Y.Text
  readonly undo: Y.UndoManager
  readonly provider: HocuspocusProvider
  /** The text can be shown: from this device or from the server. */
  isReady = false
  isReadOnly = false
  denial: DenialReason | null = null
  /** Edits that the server has not acknowledged. */
  unsent = 0
  /** Of these, how many this device holds. */
  storedUnsent = 0
  private readonly options: LiveDocumentOptions
  private readonly copy: DeviceCopy | null
  private isOver = false
  private isLoaded = false
  private isWanted = false
  private later: ReturnType<typeof setTimeout> | undefined

  constructor(options: LiveDocumentOptions) {
    const { documentId, projectId, path, connection, store, onFault } = options
    this.options = options
    this.documentId = documentId
    this.text = this.doc.getText(TEXT_NAME)
    this.undo = createUndo(this.text)
    this.copy = store
      ? new DeviceCopy({
          store,
          doc: this.doc,
          documentId,
          projectId,
          path,
          countUnsent: () => this.unsent,
          onStored: (unsent) => this.onStored(unsent),
          onFault,
        })
      : null
    this.provider = new HocuspocusProvider({
      name: documentId,
      document: this.doc,
      websocketProvider: connection.socket,
      sessionAwareness: true,
      token: connection.presentTicket,
      onAuthenticated: ({ scope }) => this.onAuthenticated(scope === 'readonly'),
      onAuthenticationFailed: ({ reason }) => this.onDenied(reason),
      onSynced: () => this.onSynced(),
      onUnsyncedChanges: () => this.onProgress(),
    })
    this.doc.on('update', this.onUpdate)
    void this.open()
  }

  get awareness(): Awareness {
    if (!this.provider.awareness) throw new Error('the provider of a live document has awareness')
    return this.provider.awareness
  }

  /**
   * Settled: authenticated, and everything typed here is committed to the database. Where nothing is taken (denied, reading
   * only) nothing is waited for; what was typed is kept and said elsewhere. A document that was left has nothing unsent.
   */
  get isSettled(): boolean {
    if (this.denial !== null) return true
    if (!this.isWanted && !this.provider.isAttached) return this.unsent === 0
    return this.provider.isAuthenticated && (this.isReadOnly || this.provider.unsyncedChanges === 0)
  }

  /**
   * Joins the others in the document, or leaves it: who has a document attached is seen in it. Text and undo stay here, so that
   * coming back is immediate; leaving waits until everything typed is acknowledged.
   */
  setPresent(isPresent: boolean): void {
    this.isWanted = isPresent
    this.joinOrLeave()
  }

  /** Leaves the document. What is unsent stays on the device and is sent when the file is opened again. */
  close(): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.later)
    this.doc.off('update', this.onUpdate)
    this.copy?.stop()
    this.provider.destroy()
    this.undo.destroy()
    this.doc.destroy()
  }

  private async open(): Promise<void> {
    await Promise.race([this.loadFromDevice(), new Promise((resolve) => setTimeout(resolve, DEVICE_WITHIN_MS))])
    this.isLoaded = true
    this.joinOrLeave()
  }

  private joinOrLeave(): void {
    if (this.isOver || !this.isLoaded) return
    const { provider } = this
    if (this.isWanted && !provider.isAttached) {
      provider.attach()
    } else if (!this.isWanted && provider.isAttached && this.unsent === 0 && this.isSettled) {
      provider.detach()
      provider.onClose()
    }
  }

  private async loadFromDevice(): Promise<void> {
    try {
      const kept = await this.copy?.load()
      if (!kept || this.isOver) return
      this.unsent += kept.unsent
      this.storedUnsent = kept.unsent
      if (kept.hasText) this.isReady = true
      if (kept.unsent > 0) this.options.onStored()
      this.options.onChange()
    } catch {
      this.options.onFault('unavailable')
    }
  }

  private readonly onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.provider || origin === this.copy) return
    this.unsent += 1
    this.options.onEdit()
  }

  private onStored(unsent: number): void {
    this.storedUnsent = unsent
    this.options.onStored()
  }

  private onAuthenticated(isReadOnly: boolean): void {
    this.denial = null
    this.isReadOnly = isReadOnly
    this.onProgress()
    this.options.onChange()
  }

  private onSynced(): void {
    this.isReady = true
    this.options.onChange()
    this.onProgress()
  }

  private onProgress(): void {
    // An unsynced count of zero before the socket is open says nothing; only an authenticated one does.
    const isAcknowledged = this.provider.isAuthenticated && !this.isReadOnly && this.provider.unsyncedChanges === 0
    if (isAcknowledged && this.unsent > 0) {
      this.unsent = 0
      this.storedUnsent = 0
      this.copy?.markSent()
    }
    if (!this.isWanted) this.joinOrLeave()
    this.options.onProgress()
  }

  private onDenied(reason: string): void {
    const denial = DenialReason.safeParse(reason)
    // Anything else is no verdict on the document.
    if (!denial.success) return
    if (denial.data === 'epoch-changed') void this.startAnew()
    else if (denial.data === 'unauthenticated') this.options.connection.renew()
    else if (denial.data === 'unavailable') this.later = setTimeout(() => this.options.connection.renew(), TRY_LATER_MS)
    else this.denial = denial.data
    this.options.onProgress()
    this.options.onChange()
  }

  private async startAnew(): Promise<void> {
    const aside = this.unsent > 0 ? this.text.toString() : null
    await this.copy?.restart(aside).catch(() => undefined)
    this.close()
    this.options.onEpochChanged(aside)
  }
}
