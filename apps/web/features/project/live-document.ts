// One open document: its text, its people, its undo, its place on the socket and its copy on this device. It outlives the
// views that show it, so that undo and unsent edits survive a change of tab and a reconnect. It is on the socket while it is
// shown, and as long as it holds an edit that the server lacks.

import { HocuspocusProvider } from '@hocuspocus/provider'
import { createUndo } from '@skein/editor'
import { DenialReason, TEXT_NAME } from '@skein/protocol'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { ProjectConnection } from './connection.ts'
import { DeviceCopy } from './device-copy.ts'
import type { StoreFault } from './device-database.ts'
import type { DeviceStore } from './device-store.ts'

/** A device that does not answer within this time, in milliseconds, does not hold up opening a file. */
const DEVICE_WITHIN_MS = 1_000
const TRY_LATER_MS = 3_000
/** How much later than the server another tab's edits are taken from this device, in milliseconds. */
const SERVER_FIRST_MS = 1_000

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
  /** The device has edits that the other tabs of this document lack. */
  onNewRows: () => void
  /** The history of the document was replaced on the server: this document is over, unsent text was set aside. */
  onEpochChanged: () => void
}

export type LiveDocumentOptions = LiveDocumentEvents & {
  documentId: string
  projectId: string
  path: string
  connection: ProjectConnection
  /** The store of this device, once the browser has opened it. */
  store: Promise<DeviceStore>
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
  private readonly options: LiveDocumentOptions
  private readonly copy: DeviceCopy
  /** Typed here, not acknowledged by the server; and how much of it this device holds. */
  private typed = 0
  private storedTyped = 0
  /** Left on this device by earlier tabs, not acknowledged either. */
  private inherited = 0
  private isOver = false
  private isLoaded = false
  private isWanted = false
  private later: ReturnType<typeof setTimeout> | undefined
  private again: ReturnType<typeof setTimeout> | undefined

  constructor(options: LiveDocumentOptions) {
    const { documentId, projectId, path, connection, store, onFault } = options
    this.options = options
    this.documentId = documentId
    this.text = this.doc.getText(TEXT_NAME)
    this.undo = createUndo(this.text)
    // Before the copy listens: what it writes carries the count of edits, this one included.
    this.doc.on('update', this.onUpdate)
    this.copy = new DeviceCopy({
      store,
      doc: this.doc,
      documentId,
      projectId,
      path,
      countUnsent: () => this.typed,
      onStored: (unsent) => this.onStored(unsent),
      onFault,
      onLost: () => this.onLost(),
      onNewRows: options.onNewRows,
    })
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
    void this.open()
  }

  get awareness(): Awareness {
    if (!this.provider.awareness) throw new Error('the provider of a live document has awareness')
    return this.provider.awareness
  }

  /** Edits that the server has not acknowledged. */
  get unsent(): number {
    return this.typed + this.inherited
  }

  /** Of these, how many this device holds. */
  get storedUnsent(): number {
    return this.storedTyped + this.inherited
  }

  /** The device was read and has no text of it; only the server can bring one. */
  get isNowhere(): boolean {
    return this.isLoaded && !this.isReady
  }

  /** Nothing would be left behind by closing: the device was read, and the server has every edit. */
  get isIdle(): boolean {
    return this.isLoaded && this.unsent === 0
  }

  /** Edits wait here that the server does not take from this person. */
  get isRefused(): boolean {
    return this.unsent > 0 && !this.takesEdits
  }

  /**
   * Settled: nothing is unsent and, where the server takes edits and the document is joined, it said so. Where it takes none
   * (denied, reading only) nothing is waited for.
   */
  get isSettled(): boolean {
    if (!this.isIdle) return false
    if (!this.takesEdits || (!this.isWanted && !this.provider.isAttached)) return true
    return this.provider.isAuthenticated && this.provider.unsyncedChanges === 0
  }

  /** An answer of the server is due: to being opened, or to an edit. */
  get isWaiting(): boolean {
    if (!this.provider.isAttached || !this.takesEdits) return false
    return !this.provider.isAuthenticated || this.provider.unsyncedChanges > 0
  }

  /**
   * Joins the others in the document, or leaves it: who has a document attached is seen in it. Text and undo stay here, so that
   * coming back is immediate; leaving waits until everything is acknowledged.
   */
  setPresent(isPresent: boolean): void {
    this.isWanted = isPresent
    this.joinOrLeave()
  }

  /**
   * Takes over what another tab has stored. In touch with the server it waits a moment: what that brings first is not sent
   * twice.
   */
  readAgain(): void {
    const afterMs = this.provider.isAuthenticated ? SERVER_FIRST_MS : 0
    this.again ??= setTimeout(() => {
      this.again = undefined
      void this.loadFromDevice()
    }, afterMs)
  }

  /** The page is shown again after the browser had put it away, which took the caret out of the document. */
  reappear(): void {
    if (this.awareness.getLocalState() === null) this.awareness.setLocalState({})
  }

  /** Leaves the document; resolved when this device holds what was typed. It is sent when the project is opened again. */
  async close(): Promise<void> {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.later)
    clearTimeout(this.again)
    this.doc.off('update', this.onUpdate)
    const stopped = this.copy.stop()
    this.provider.destroy()
    this.undo.destroy()
    this.doc.destroy()
    await stopped
  }

  private get takesEdits(): boolean {
    return this.denial === null && !this.isReadOnly
  }

  private async open(): Promise<void> {
    await Promise.race([this.loadFromDevice(), new Promise((resolve) => setTimeout(resolve, DEVICE_WITHIN_MS))])
    this.isLoaded = true
    this.joinOrLeave()
    this.options.onProgress()
  }

  private joinOrLeave(): void {
    if (this.isOver || !this.isLoaded) return
    const { provider } = this
    const isNeeded = this.isWanted || this.unsent > 0
    if (isNeeded && !provider.isAttached) {
      provider.attach()
    } else if (!isNeeded && provider.isAttached && this.isSettled) {
      provider.detach()
      provider.onClose()
    }
  }

  private async loadFromDevice(): Promise<void> {
    const kept = await this.copy.load()
    if (!kept || this.isOver) return
    this.inherited = kept.unsent
    // What another tab is just sending may have come from the server before.
    this.noteAcknowledged()
    if (kept.hasText) this.isReady = true
    // It may have taken long: then everything else looked settled until now.
    if (this.inherited > 0) this.options.onStored()
    this.joinOrLeave()
    this.options.onChange()
  }

  private readonly onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.provider || origin === this.copy) return
    this.typed += 1
    this.options.onEdit()
  }

  /** What earlier tabs had left is known to this one alone by now. */
  private onLost(): void {
    this.typed += this.inherited
    this.inherited = 0
    this.storedTyped = 0
    this.options.onFault('unavailable')
  }

  private onStored(unsent: number): void {
    this.storedTyped = unsent
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
    this.noteAcknowledged()
    if (!this.isWanted) this.joinOrLeave()
    this.options.onProgress()
  }

  private noteAcknowledged(): void {
    // An unsynced count of zero before the socket is open says nothing; only an authenticated one does.
    const isAcknowledged = this.provider.isAuthenticated && this.takesEdits && this.provider.unsyncedChanges === 0
    if (!isAcknowledged || this.unsent === 0) return
    this.typed = 0
    this.storedTyped = 0
    this.inherited = 0
    this.copy.markSent()
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
    // What other tabs have left on this device since belongs to the text that is set aside.
    await this.loadFromDevice()
    const aside = this.unsent > 0 ? { text: this.text.toString(), unsent: this.unsent } : null
    const isAside = await this.copy.restart(aside).then(
      () => true,
      () => false,
    )
    if (aside && !isAside) {
      // The device cannot keep it: the words stay in sight, not saved and to be copied, instead of giving way to the new text.
      this.denial = 'epoch-changed'
      this.options.onProgress()
      this.options.onChange()
      return
    }
    await this.close()
    this.options.onEpochChanged()
  }
}
