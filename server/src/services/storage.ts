/**
 * What stands before anything serves: a database that answers, is ours alone, has the newest schema and was made under this secret
 * key. Embedded and outside databases differ only in how their address is found.
 */

import {
  type Database,
  instanceQueries,
  migrate,
  openDatabase,
  prepareEmbedded,
  prepareOutside,
  StartRefused,
  startEmbedded,
  tryNodeLock,
} from '@skein/db'
import type { Config } from '../config/config.ts'
import { createSecrets, hasNextSecretKey, keepSecretKey, type Secrets } from '../config/secrets.ts'
import type { Log } from '../observability/log.ts'

export interface Storage {
  readonly database: Database
  readonly secrets: Secrets
  /** False while a node that is to be alone does not know that it is. */
  mayCommit(): boolean
  close(): Promise<void>
}

export interface StorageOptions {
  /** Whether this process becomes the node of the database; commands of an operator work beside one. */
  readonly isNode: boolean
  readonly log: Log
  /** Called when another node took the database over. */
  readonly onLost?: (error: Error) => void
}

const nodeWaitMs = 30_000
const nodeRetryMs = 250

/**
 * Opens the storage of an instance.
 * @throws StartRefused with a sentence for the operator
 */
export async function openStorage(
  config: Config,
  { isNode, log, onLost = () => {} }: StorageOptions,
): Promise<Storage> {
  const closes: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closes.splice(0).reverse()) await step()
  }
  try {
    const { address, mayCommit, stop } = isNode ? await becomeNode(config, log, onLost) : await findServer(config)
    closes.push(stop)
    const applied = await migrate(address)
    if (applied > 0) log.debug({ migrations: applied }, 'the schema is up to date')
    const database = openDatabase(address, {
      onError: (error) => log.warn({ err: error }, 'a database connection broke'),
    })
    closes.push(() => database.close())
    const secrets = createSecrets(config.secretKey ?? keepSecretKey(config.dataDir))
    await checkSecretKey(database, secrets, config)
    await checkWhole(database)
    return { database, secrets, mayCommit, close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

/** A PostgreSQL that answers, on which the roles of Skein stand. */
export interface Server {
  readonly address: string
  mayCommit(): boolean
  stop(): Promise<void>
}

/** Starts or finds the server of an instance. */
export async function findServer(config: Config): Promise<Server> {
  if (config.databaseUrl) {
    await prepareOutside(config.databaseUrl)
    return { address: config.databaseUrl, mayCommit: () => false, stop: async () => {} }
  }
  const embedded = await startEmbedded(config.dataDir)
  return { address: await prepareEmbedded(embedded), mayCommit: () => false, stop: () => embedded.stop() }
}

/**
 * Waits for the present node to go, if there is one that cannot be beside this one. Its embedded server goes with it, so the server is
 * looked for again at every try: the one that takes over starts its own.
 */
export async function becomeNode(config: Config, log: Log, onLost: (error: Error) => void): Promise<Server> {
  const company = config.redisUrl === null ? 'alone' : 'together'
  let isTold = false
  for (const until = Date.now() + nodeWaitMs; ; ) {
    const server = await findServer(config).catch((error: unknown) => {
      if (Date.now() > until || error instanceof StartRefused) throw error
      return null
    })
    const lock = server && (await tryNodeLock(server.address, company, onLost))
    if (lock) {
      return {
        address: server.address,
        // Of nodes that serve together the database alone decides what is next, so none has to know that it is the only one.
        mayCommit: () => company === 'together' || lock.isHeld,
        stop: async () => {
          await lock.release()
          await server.stop()
        },
      }
    }
    await server?.stop()
    if (Date.now() > until) throw new StartRefused(refusals[company])
    if (!isTold) log.warn(`another Skein uses this database; waiting up to ${nodeWaitMs / 1000} seconds for it to go`)
    isTold = true
    await new Promise((resolve) => setTimeout(resolve, nodeRetryMs))
  }
}

const refusals = {
  alone:
    `Another Skein has used this database for the last ${nodeWaitMs / 1000} seconds, and two at once would not see each other's edits. ` +
    'Stop it first, then start this one again; or give all of them the same REDIS_URL.',
  together:
    `A Skein without REDIS_URL has used this database for the last ${nodeWaitMs / 1000} seconds, and it would not see the edits of this one. ` +
    'Stop it first, then start this one again; every node needs the same REDIS_URL.',
}

async function checkWhole(database: Database): Promise<void> {
  if (!(await instanceQueries.isRestoreUnfinished(database.instance))) return
  throw new StartRefused(
    'A backup was being restored into this database and the restore did not get to its end. Nothing was served from it. ' +
      'Restore the backup again: npm run restore -- <file>',
  )
}

async function checkSecretKey(database: Database, secrets: Secrets, config: Config): Promise<void> {
  const kept = await instanceQueries.keepSecretFingerprint(database.instance, secrets.fingerprint)
  if (kept === secrets.fingerprint) return
  const { secretKey, previousSecretKey, dataDir } = config
  if (secretKey === null && hasNextSecretKey(dataDir)) {
    throw new StartRefused('A change of the secret key did not get to its end. Use: npm run rotate-key')
  }
  if (previousSecretKey !== null && createSecrets(previousSecretKey).fingerprint === kept) {
    throw new StartRefused(
      'The database still is under the key in SECRET_KEY_PREVIOUS. Nothing was changed. Use: npm run rotate-key',
    )
  }
  throw new StartRefused(
    'The secret key is not the one that this database was made with: sessions, tickets and sealed secrets would not open. ' +
      'Nothing was changed. Set SECRET_KEY to the first one (with the embedded database it stands in the file secret.key of the data directory).',
  )
}
