// The database of one user on this device: its stores, its transactions, and what can go wrong with them. A browser may take
// the database away under an open page (cleared by hand, or for room). It is opened again then, empty, and whoever wrote into
// it is told, so that nothing is called stored that is gone.

/** Why the device cannot store, in the words of the saved machine. */
export type StoreFault = 'full' | 'unavailable'

/** A write or a read that did not happen. */
export class StoreError extends Error {
  readonly fault: StoreFault

  constructor(fault: StoreFault, cause: unknown) {
    super(`this device could not store: ${fault}`, { cause })
    this.fault = fault
  }
}

const VERSION = 2
/** Until the database is open again after it was lost, it is tried this often, in milliseconds. */
const REOPEN_EVERY_MS = 2_000

type StoreName = 'updates' | 'documents' | 'aside' | 'projects'

export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const isFull = error instanceof DOMException && error.name === 'QuotaExceededError'
  return new StoreError(isFull ? 'full' : 'unavailable', error)
}

/** What a request answers; rejects with StoreError. */
export function answerOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(toStoreError(request.error))
  })
}

/** Resolves when the device holds what a transaction wrote; rejects with StoreError. */
export function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(toStoreError(transaction.error))
  })
}

function openDatabase(userId: string): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') throw new StoreError('unavailable', 'no indexedDB')
  const request = indexedDB.open(`skein:${userId}`, VERSION)
  request.onupgradeneeded = ({ oldVersion }) => {
    const { result } = request
    if (oldVersion < 1) {
      result.createObjectStore('updates', { keyPath: 'id', autoIncrement: true }).createIndex('document', 'document')
      result.createObjectStore('documents', { keyPath: 'documentId' })
      result.createObjectStore('aside', { keyPath: 'id', autoIncrement: true })
    }
    if (oldVersion < 2) result.createObjectStore('projects', { keyPath: 'id' })
  }
  return answerOf(request)
}

/** Who is told that everything stored may be gone, and that the device can store again. */
export type DatabaseWatcher = { onLost: () => void; onBack: () => void }

/** Every method throws or rejects with StoreError. */
export class DeviceDatabase {
  private readonly userId: string
  private readonly watchers = new Set<DatabaseWatcher>()
  private db: IDBDatabase | null = null
  private isClosed = false

  private constructor(userId: string) {
    this.userId = userId
  }

  /** Opens the database of a user; rejects where the browser gives no storage. */
  static async open(userId: string): Promise<DeviceDatabase> {
    const database = new DeviceDatabase(userId)
    await database.connect()
    return database
  }

  watch(watcher: DatabaseWatcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  begin(
    stores: StoreName[],
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability = 'relaxed',
  ): IDBTransaction {
    try {
      if (!this.db) throw new StoreError('unavailable', 'the database is closed')
      return this.db.transaction(stores, mode, { durability })
    } catch (error) {
      throw toStoreError(error)
    }
  }

  close(): void {
    this.isClosed = true
    this.db?.close()
  }

  private async connect(): Promise<void> {
    try {
      const db = await openDatabase(this.userId)
      db.onversionchange = () => {
        db.close()
        this.lose()
      }
      db.onclose = () => this.lose()
      if (this.isClosed) db.close()
      this.db = db
    } catch (error) {
      throw toStoreError(error)
    }
  }

  private lose(): void {
    if (this.isClosed || !this.db) return
    this.db = null
    for (const watcher of this.watchers) watcher.onLost()
    void this.reconnect()
  }

  private async reconnect(): Promise<void> {
    while (!this.isClosed && !this.db) {
      await this.connect().catch(() => new Promise((resolve) => setTimeout(resolve, REOPEN_EVERY_MS)))
    }
    if (!this.isClosed) for (const watcher of this.watchers) watcher.onBack()
  }
}
