/**
 * Which nodes may serve a database at the same time. Without Redis one node alone: two would each serve their own copy of a live document.
 * With Redis any number of them together: they hold the lock shared, so that a node with Redis and one without never serve beside
 * each other. The lock is a session's advisory lock, so it ends with its holder, however that ends.
 */

import pg from 'pg'
import { connectionAs } from './pool.ts'
import { StartRefused } from './refusal.ts'

export type NodeCompany = 'alone' | 'together'

export interface NodeLock {
  /** False from the loss of the lock's connection until it is taken again: another node may serve in between. */
  readonly isHeld: boolean
  release(): Promise<void>
}

const nodeLock = 7_053_402
const retryMs = 250
/** A node that finds the lock in other hands that long after it lost it has been replaced. */
const giveUpAfterMs = 30_000

const statements: Record<NodeCompany, string> = {
  alone: 'select pg_try_advisory_lock($1) as taken',
  together: 'select pg_try_advisory_lock_shared($1) as taken',
}

/**
 * Takes the lock if it can be had; `null` when nodes of the other kind, or another one that is to be alone, hold it, or the server is on its way
 * down with them. `onLost` is called when it was lost and has stayed in other hands; a server that is away for long is waited for.
 */
export async function tryNodeLock(
  address: string,
  company: NodeCompany,
  onLost: (error: Error) => void,
): Promise<NodeLock | null> {
  const first = await take(address, company)
  if (!(first instanceof pg.Client)) return null
  let client: pg.Client = first
  let isHeld = true
  let isReleased = false
  const watch = (held: pg.Client): void => {
    client = held
    isHeld = true
    held.once('end', () => {
      isHeld = false
      if (!isReleased) void retake()
    })
  }
  const retake = async (): Promise<void> => {
    let takenSince: number | null = null
    for (; !isReleased; await sleep(retryMs)) {
      const again = await take(address, company)
      if (again instanceof pg.Client) {
        if (isReleased) await again.end().catch(() => {})
        else watch(again)
        return
      }
      takenSince = again === 'taken' ? (takenSince ?? Date.now()) : null
      if (takenSince !== null && Date.now() - takenSince > giveUpAfterMs) break
    }
    if (!isReleased)
      onLost(new StartRefused('Another Skein took over the database while it could not be reached from here.'))
  }
  watch(first)
  return {
    get isHeld() {
      return isHeld
    },
    release: async () => {
      isReleased = true
      await client.end().catch(() => {})
    },
  }
}

async function take(address: string, company: NodeCompany): Promise<pg.Client | 'taken' | 'unreachable'> {
  const client = new pg.Client({
    ...connectionAs(address, 'skein_app'),
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ taken: boolean }>(statements[company], [nodeLock])
    if (rows[0]?.taken) return client
    await client.end().catch(() => {})
    return 'taken'
  } catch {
    await client.end().catch(() => {})
    return 'unreachable'
  }
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
