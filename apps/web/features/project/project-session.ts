// An open project in this window: the socket, the open documents, the device and the saved fact, tied together. React only
// looks at it (`subscribe`, `version`); nothing in here depends on what is shown.

import type { FileId } from '@skein/protocol'
import { SavedTracker } from '../facts/saved-tracker.ts'
import { type ConnectionState, ProjectConnection } from './connection.ts'
import { DeviceStore, type SetAsideText, type StoreFault } from './device-store.ts'
import { LiveDocument } from './live-document.ts'

/** A browser that takes longer than this, in milliseconds, to open its store does not hold up opening files. */
const DEVICE_WITHIN_MS = 1_000

/** A file whose document can be opened. */
export type OpenableFile = { id: FileId; path: string; documentId: string }

export class ProjectSession {
  readonly projectId: string
  readonly connection: ProjectConnection
  readonly saved: SavedTracker
  private readonly userId: string
  private readonly documents = new Map<string, LiveDocument>()
  private readonly listeners = new Set<() => void>()
  private store: DeviceStore | null = null
  private readonly storeOpened: Promise<void>
  private textsAside: readonly SetAsideText[] = []
  private changes = 0
  private shown: string | null = null
  private isClosed = false

  constructor(projectId: string, userId: string) {
    this.projectId = projectId
    this.userId = userId
    this.saved = new SavedTracker({
      isConnected: () => this.connection.state === 'connected',
      areAllSettled: () => this.all().every(({ isSettled }) => isSettled),
      countStored: () => this.all().reduce((sum, { storedUnsent }) => sum + storedUnsent, 0),
      isAllStored: () => this.all().every(({ unsent, storedUnsent }) => unsent === storedUnsent),
    })
    this.connection = new ProjectConnection(projectId)
    this.connection.onState(this.onConnection)
    this.storeOpened = Promise.race([this.openStore(), new Promise<void>((go) => setTimeout(go, DEVICE_WITHIN_MS))])
    window.addEventListener('beforeunload', this.saved.guardLeaving)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Grows with everything that is shown from here. */
  readonly version = (): number => this.changes

  get aside(): readonly SetAsideText[] {
    return this.textsAside
  }

  /** The open document of a file, or undefined while it is not open. */
  documentOf(documentId: string): LiveDocument | undefined {
    return this.documents.get(documentId)
  }

  /**
   * Opens exactly the documents of these files and joins the one that is shown. Documents with unsent edits stay open until
   * those are sent.
   */
  async openExactly(files: readonly OpenableFile[], shown: string | null): Promise<void> {
    await this.storeOpened
    if (this.isClosed) return
    const wanted = new Set(files.map(({ documentId }) => documentId))
    let hasChanged = false
    for (const [documentId, document] of this.documents) {
      if (wanted.has(documentId) || document.unsent > 0) continue
      document.close()
      this.documents.delete(documentId)
      hasChanged = true
    }
    for (const file of files) {
      if (this.documents.has(file.documentId)) continue
      this.documents.set(file.documentId, this.openDocument(file))
      hasChanged = true
    }
    this.shown = shown
    for (const [documentId, document] of this.documents) document.setPresent(documentId === shown)
    this.saved.progressed()
    if (hasChanged) this.changed()
  }

  /** Unsent edits of all open documents. */
  countUnsent(): number {
    return this.all().reduce((sum, { unsent }) => sum + unsent, 0)
  }

  /** The texts of all open documents with unsent edits, for copying by hand. */
  unsentTexts(): string {
    return this.all()
      .filter(({ unsent }) => unsent > 0)
      .map(({ text }) => text.toString())
      .join('\n\n')
  }

  /** Deletes a text that was set aside. */
  async forgetAside(id: number): Promise<void> {
    await this.store?.deleteAside(id)
    await this.readAside()
  }

  close(): void {
    this.isClosed = true
    window.removeEventListener('beforeunload', this.saved.guardLeaving)
    this.saved.stop()
    for (const document of this.documents.values()) document.close()
    this.documents.clear()
    this.connection.close()
    this.store?.close()
    this.listeners.clear()
  }

  private all(): LiveDocument[] {
    return [...this.documents.values()]
  }

  private changed(): void {
    this.changes += 1
    for (const listener of this.listeners) listener()
  }

  private openDocument(file: OpenableFile): LiveDocument {
    return new LiveDocument({
      documentId: file.documentId,
      projectId: this.projectId,
      path: file.path,
      connection: this.connection,
      store: this.store,
      onChange: () => this.changed(),
      onEdit: () => this.saved.edited(),
      onProgress: () => this.saved.progressed(),
      onStored: () => this.saved.stored(),
      onFault: this.onFault,
      onEpochChanged: () => {
        const anew = this.openDocument(file)
        this.documents.set(file.documentId, anew)
        anew.setPresent(file.documentId === this.shown)
        void this.readAside()
        this.changed()
      },
    })
  }

  private async openStore(): Promise<void> {
    try {
      this.store = await DeviceStore.open(this.userId)
      await this.readAside()
      // Without this the browser may delete the store when its disk fills up. It may refuse; then it may.
      void navigator.storage?.persist?.().catch(() => false)
    } catch {
      this.onFault('unavailable')
    }
  }

  private async readAside(): Promise<void> {
    this.textsAside = (await this.store?.textsAside(this.projectId).catch(() => [])) ?? []
    this.changed()
  }

  private readonly onFault = (fault: StoreFault): void => this.saved.storeFailed(fault)

  private readonly onConnection = (state: ConnectionState): void => {
    switch (state) {
      case 'connected':
        this.saved.connected()
        this.saved.progressed()
        break
      case 'away':
      case 'signed-out':
        this.saved.disconnected(!navigator.onLine)
        break
      case 'too-large':
        this.saved.refusedAsTooLarge()
        break
      case 'connecting':
      case 'closed':
        break
    }
    this.changed()
  }
}
