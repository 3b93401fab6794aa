/**
 * One open database: the pools of its roles and the connection that hears notifications. Everything that the product
 * does with SQL goes through the functions here, which decide the role and the tenant of a statement.
 */

import type { WorkspaceId } from '@skein/protocol'
import type pg from 'pg'
import { type Listen, Listener } from './listener.ts'
import { openPool } from './pool.ts'
import { inTransaction, singleStatements, type TransactionOptions, type Tx } from './transaction.ts'

export interface Database {
  /** Where it is, with the login's password: for a thread that opens it for itself. */
  readonly address: string
  /** A transaction as `skein_app` in which only rows of one workspace exist. */
  inWorkspace<T>(workspace: WorkspaceId, work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** A transaction as `skein_app` without a workspace: for tables that have none, and for functions that find one. */
  onInstance<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** As `onInstance`, each statement committed by itself: one round trip. */
  readonly instance: Tx
  /** A transaction as `skein_log`, which loads and appends updates of documents in all workspaces. */
  onLog<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** As `onLog`, each statement committed by itself: the group commit is one of them. */
  readonly log: Tx
  /** Hears a NOTIFY channel; `null` means that some may have been missed. Returns how to stop. */
  listen(channel: string, listen: Listen): Promise<() => void>
  /** The accounts library's own pool: role `skein_app`, schema `auth`. */
  readonly accounts: pg.Pool
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Told about connections that broke while idle. */
  readonly onError?: (error: Error) => void
  /** Connections for requests and jobs; default 12. The log has 3 of its own, so that saving never waits for pages. */
  readonly connectionsMax?: number
}

/** A commit that a dead connection has swallowed is tried again on another one after that time. */
const logAnswerWithinMs = 30_000

/** Opens the pools on a prepared and migrated database. Nothing is connected until it is used. */
export function openDatabase(address: string, { onError, connectionsMax = 12 }: DatabaseOptions = {}): Database {
  let isClosing = false
  // A server that stops while the last connections say goodbye is no news.
  const onPoolError = { onError: (error: Error) => (isClosing ? undefined : onError?.(error)) }
  const app = openPool(address, 'skein_app', { connectionsMax, ...onPoolError })
  const log = openPool(address, 'skein_log', { connectionsMax: 3, answerWithinMs: logAnswerWithinMs, ...onPoolError })
  const accounts = openPool(address, 'skein_app', { connectionsMax: 4, searchPath: 'auth', ...onPoolError })
  const listener = new Listener(address)
  return {
    address,
    inWorkspace: (workspace, work, options) => inTransaction(app, workspace, work, options),
    onInstance: (work, options) => inTransaction(app, null, work, options),
    instance: singleStatements(app),
    onLog: (work, options) => inTransaction(log, null, work, options),
    log: singleStatements(log),
    listen: (channel, listen) => listener.listen(channel, listen),
    accounts,
    close: async () => {
      isClosing = true
      await Promise.all([listener.close(), app.end(), log.end(), accounts.end()])
    },
  }
}
