/**
 * One node at a time: without Redis, two processes on one database would each serve their own copy of a live document. The lock
 * is a session's advisory lock, so it ends with its holder, however that ends.
 */

import pg from 'pg'
import { connectionAs } from './pool.ts'
import { StartRefused } from './refusal.ts'

export interface NodeLock {
  /** False from the loss of the lock's connection until it is taken again: another node may serve in between. */
  readonly isHeld: boolean
  release(): Promise<void>
}

const nodeLock = 7_053_402
const retryMs = 250
const giveUpAfterLossMs = 30_000

/** Takes the lock if it is free; `null` when another node holds it or the server is on its way down with that node. */
export async function tryNodeLock(address: string, onLost: (error: Error) => void): Promise<NodeLock | null> {
  let client = await take(address)
  if (!client) return null
  let isHeld = true
  let isReleased = false
  const watch = (held: pg.Client): void => {
    isHeld = true
    held.once('end', () => {
      isHeld = false
      if (!isReleased) void retake()
    })
  }
  const retake = async (): Promise<void> => {
    for (const until = Date.now() + giveUpAfterLossMs; !isReleased && Date.now() < until; await sleep(retryMs)) {
      client = await take(address)
      if (client) return watch(client)
    }
    if (!isReleased)
      onLost(new StartRefused('Another Skein took over the database while it could not be reached from here.'))
  }
  watch(client)
  return {
    get isHeld() {
      return isHeld
    },
    release: async () => {
      isReleased = true
      await client?.end().catch(() => {})
    },
  }
}

async function take(address: string): Promise<pg.Client | null> {
  const client = new pg.Client({
    ...connectionAs(address, 'skein_app'),
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [nodeLock])
    if (rows[0]?.taken) return client
  } catch {
    // Not reachable counts as not taken: the caller tries again, for as long as it wants to wait.
  }
  await client.end().catch(() => {})
  return null
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
