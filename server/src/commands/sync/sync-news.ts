/** Port: what becomes known of sync, as numbers. Labels are from short closed lists, never an id or a name. */

/** How a round of sync ended. */
export type SyncResult = 'settled' | 'waits' | 'held' | 'later' | 'fault'

/** What is due and not under way, and for how long; `apiCallsLeft` is the least that any installation has, null: none has said it. */
export interface SyncQueue {
  due: number
  oldestSeconds: number
  apiCallsLeft: number | null
}

export interface SyncNews {
  /** One round of the job for one project. */
  synced(result: SyncResult): void
  /** GitHub confirmed a push; `seconds` since the commit became due. */
  pushed(way: 'branch' | 'pull-request', seconds: number): void
  /** A push was refused, by what rule. */
  refused(rule: string): void
  /** A remote head is in the live documents; `seconds` since the hint. */
  pulled(kind: string, seconds: number, conflicts: number): void
  /** GitHub did not do it, and why. */
  failed(kind: string): void
  /** A call of GitHub's API was made for sync. */
  apiCalled(): void
  /** How the queue stands; told now and then. */
  queued(queue: SyncQueue): void
}

/** For whoever does not count. */
export const NO_SYNC_NEWS: SyncNews = {
  synced: () => {},
  pushed: () => {},
  refused: () => {},
  pulled: () => {},
  failed: () => {},
  apiCalled: () => {},
  queued: () => {},
}
