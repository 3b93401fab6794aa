/** Plays recorded updates into a live document over real sockets, one for each author, and waits until every one of them is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import type { RecordedUpdate } from './recorded-updates.ts'

export interface Target {
  /** Of `/collab`. */
  socketUrl: string
  token: string
  documentId: string
}

export interface Replica {
  readonly provider: HocuspocusProvider
  readonly text: string
  close(): void
}

const LOOK_AGAIN_MS = 1
const WITHIN_MS = 120_000
/** Updates of one author that are not acknowledged yet; a server may stop reading from a socket that has sent more. */
const UNDER_WAY_MAX = 2_000

export async function openReplica({ socketUrl, token, documentId }: Target): Promise<Replica> {
  const socket = new HocuspocusProviderWebsocket({ url: socketUrl, WebSocketPolyfill: WebSocket })
  const document = new Y.Doc()
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name: documentId,
    document,
    token,
    sessionAwareness: true,
  })
  provider.attach()
  await until(() => provider.isSynced && provider.isAuthenticated, 'a replica is synced')
  return {
    provider,
    get text() {
      return document.getText('text').toString()
    },
    close: () => {
      provider.destroy()
      socket.destroy()
    },
  }
}

/** Returns the replicas of the authors, with everything acknowledged and seen by all; the caller closes them. */
export async function replay(target: Target, recorded: readonly RecordedUpdate[]): Promise<Replica[]> {
  const authors = 1 + Math.max(...recorded.map(({ author }) => author))
  const replicas = await Promise.all(Array.from({ length: authors }, () => openReplica(target)))
  await Promise.all(
    replicas.map((replica, author) =>
      play(
        replica,
        recorded.filter((each) => each.author === author),
      ),
    ),
  )
  const whole = mergeEnds(recorded)
  await until(() => replicas.every(({ provider }) => holds(provider.document, whole)), 'all see everything')
  return replicas
}

async function play({ provider }: Replica, updates: readonly RecordedUpdate[]): Promise<void> {
  for (const { update, after } of updates) {
    await until(
      () => holds(provider.document, after) && provider.unsyncedChanges < UNDER_WAY_MAX,
      'an author may go on',
    )
    Y.applyUpdate(provider.document, update)
  }
  await until(() => provider.unsyncedChanges === 0, 'everything is acknowledged')
}

const holds = (doc: Y.Doc, ends: ReadonlyMap<number, number>): boolean =>
  [...ends].every(([client, end]) => Y.getState(doc.store, client) >= end)

const mergeEnds = (recorded: readonly RecordedUpdate[]): Map<number, number> => {
  const ends = new Map<number, number>()
  for (const { update } of recorded) for (const [client, end] of Y.parseUpdateMeta(update).to) ends.set(client, end)
  return ends
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + WITHIN_MS
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`It did not come to pass that ${what}`)
    await sleep(LOOK_AGAIN_MS)
  }
}
