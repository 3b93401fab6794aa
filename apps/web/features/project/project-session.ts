// An open project in this window: the socket, the open documents, the device and the saved fact, tied together. React only
// looks at it (`subscribe`, `version`); nothing in here depends on what is shown.

import type { FileId } from '@skein/protocol'
import { SavedTracker } from '../facts/saved-tracker.ts'
import { type ConnectionState, ProjectConnection } from './connection.ts'
import type { StoreFault } from './device-database.ts'
import { DeviceStore, type DocumentRecord, type SetAsideText } from './device-store.ts'
import { DeviceTabs } from './device-tabs.ts'
import { LiveDocument } from './live-document.ts'
import { offerUnsentCount } from './unsent-here.ts'

/** A browser that takes longer than this, in milliseconds, to tell what was left unsent does not hold up “Saved”. */
const DEVICE_WITHIN_MS = 1_000
/** Documents with unsent edits that are opened at once; the server takes a bounded number on one socket. */
const LEFT_BEHIND_AT_ONCE_MAX = 64

/** A file whose document can be opened. */
export type OpenableFile = { id: FileId; path: string; documentId: string }

export class ProjectSession {
  readonly projectId: string
  readonly connection: ProjectConnection
  readonly saved: SavedTracker
  private readonly documents = new Map<string, LiveDocument>()
  private readonly listeners = new Set<() => void>()
  private readonly store: Promise<DeviceStore>
  private readonly tabs: DeviceTabs
  private readonly withdrawCount: () => void
  /** Whether this device holds unsent edits of documents that are not open: nothing is settled before none are left. */
  private leftBehind: 'unknown' | 'some' | 'none' = 'unknown'
  private textsAside: readonly SetAsideText[] = []
  private changes = 0
  private shown: string | null = null
  private isClosed = false

  constructor(projectId: string, userId: string) {
    this.projectId = projectId
    this.saved = new SavedTracker({
      isConnected: () => this.connection.state === 'connected',
      areAllSettled: () => this.areAllSettled,
      isAnyRefused: () => this.all().some(({ isRefused }) => isRefused),
      countStored: () => this.all().reduce((sum, { storedUnsent }) => sum + storedUnsent, 0),
      isAllStored: () => this.all().every(({ unsent, storedUnsent }) => unsent === storedUnsent),
    })
    this.connection = new ProjectConnection(projectId, () => this.all().some(({ isWaiting }) => isWaiting))
    this.connection.onState(this.onConnection)
    this.store = DeviceStore.open(userId)
    this.tabs = new DeviceTabs(userId, (documentId) => this.documents.get(documentId)?.readAgain())
    this.withdrawCount = offerUnsentCount(() => this.countUnsent())
    void this.askDevice()
    window.addEventListener('beforeunload', this.saved.guardLeaving)
    window.addEventListener('pageshow', this.onShow)
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
  openExactly(files: readonly OpenableFile[], shown: string | null): void {
    if (this.isClosed) return
    const wanted = new Set(files.map(({ documentId }) => documentId))
    let hasChanged = false
    for (const [documentId, document] of this.documents) {
      if (wanted.has(documentId) || !document.isIdle) continue
      void document.close()
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
    this.onProgress()
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
    await (await this.store).deleteAside(id)
    await this.readAside()
  }

  close(): void {
    this.isClosed = true
    window.removeEventListener('beforeunload', this.saved.guardLeaving)
    window.removeEventListener('pageshow', this.onShow)
    this.withdrawCount()
    this.tabs.close()
    this.saved.stop()
    const kept = this.all().map((document) => document.close())
    this.documents.clear()
    this.connection.close()
    this.listeners.clear()
    // The last words are still on their way into the store.
    void Promise.allSettled(kept)
      .then(async () => (await this.store).close())
      .catch(() => undefined)
  }

  private all(): LiveDocument[] {
    return [...this.documents.values()]
  }

  private changed(): void {
    this.changes += 1
    for (const listener of this.listeners) listener()
  }

  private openDocument(file: Pick<OpenableFile, 'documentId' | 'path'>): LiveDocument {
    return new LiveDocument({
      documentId: file.documentId,
      projectId: this.projectId,
      path: file.path,
      connection: this.connection,
      store: this.store,
      onChange: () => this.changed(),
      onEdit: () => this.saved.edited(),
      onProgress: () => this.onProgress(),
      onStored: () => this.saved.stored(),
      onFault: this.onFault,
      onNewRows: () => this.tabs.tell(file.documentId),
      onEpochChanged: () => {
        const anew = this.openDocument(file)
        this.documents.set(file.documentId, anew)
        anew.setPresent(file.documentId === this.shown)
        void this.readAside()
        this.changed()
      },
    })
  }

  private async askDevice(): Promise<void> {
    const late = setTimeout(() => this.knowLeftBehind('none'), DEVICE_WITHIN_MS)
    await Promise.all([this.readAside(), this.openLeftBehind()])
    clearTimeout(late)
    // Without this the browser may delete the store when its disk fills up. It may refuse; then it may.
    void navigator.storage?.persist?.().catch(() => false)
  }

  private async readAside(): Promise<void> {
    const texts = this.store.then((store) => store.textsAside(this.projectId))
    this.textsAside = await texts.catch(() => [])
    this.changed()
  }

  /** Opens documents whose edits an earlier tab has left unsent, shown or not, so that they are sent. */
  private async openLeftBehind(): Promise<void> {
    try {
      const unsent = await (await this.store).unsentDocuments()
      if (this.isClosed) return
      const isBehind = ({ projectId, documentId }: DocumentRecord): boolean =>
        projectId === this.projectId && !this.documents.has(documentId)
      const behind = unsent.filter(isBehind)
      for (const kept of behind.slice(0, LEFT_BEHIND_AT_ONCE_MAX)) {
        this.documents.set(kept.documentId, this.openDocument(kept))
      }
      this.knowLeftBehind(behind.length > LEFT_BEHIND_AT_ONCE_MAX ? 'some' : 'none')
    } catch {
      this.onFault('unavailable')
      this.knowLeftBehind('none')
    }
  }

  private knowLeftBehind(leftBehind: 'some' | 'none'): void {
    this.leftBehind = leftBehind
    this.onProgress()
  }

  private get areAllSettled(): boolean {
    return this.leftBehind === 'none' && this.all().every(({ isSettled }) => isSettled)
  }

  private onProgress(): void {
    if (this.leftBehind === 'some' && this.all().every(({ isSettled }) => isSettled)) void this.openLeftBehind()
    if (this.areAllSettled) this.connection.accepted()
    this.saved.progressed()
  }

  private readonly onFault = (fault: StoreFault): void => this.saved.storeFailed(fault)

  private readonly onShow = (): void => {
    for (const document of this.all()) document.reappear()
  }

  private readonly onConnection = (state: ConnectionState): void => {
    switch (state) {
      case 'connected':
        this.saved.connected()
        this.onProgress()
        // Another tab may have closed with unsent edits while nobody could send them.
        void this.openLeftBehind()
        break
      case 'away':
      case 'signed-out':
        this.saved.disconnected(!navigator.onLine)
        break
      case 'too-large':
      case 'rejected':
        this.saved.refused(state)
        break
      case 'connecting':
      case 'closed':
        break
    }
    this.changed()
  }
}
