/**
 * Reading and writing have different types: queries that only read take `Sql`, queries that write take `Tx`, and a `Tx`
 * comes only from this file. Row-level security looks at `skein.workspace`, which is set inside the transaction and
 * ends with it, so that no connection carries one tenant's name to the next.
 */

import type { WorkspaceId } from '@skein/protocol'
import pg from 'pg'

/** Runs one statement and gives its rows. `int8` arrives as a number, `bytea` as a Buffer, `timestamptz` as a Date. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

declare const writes: unique symbol

/** A transaction that may write; handed out by `inTransaction` and, one statement each, by `singleStatements`. */
export interface Tx extends Sql {
  readonly [writes]: true
}

export interface TransactionOptions {
  /** Default `read committed`. The stricter ones give one picture for several reads. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
  /** The commit does not wait for the disk: a crash of PostgreSQL may forget it, unless a commit came after that did wait. Default `safe`. */
  readonly durability?: 'safe' | 'deferred'
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
export async function inTransaction<T>(
  pool: pg.Pool,
  workspace: WorkspaceId | null,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error): void => {
    broken = error
  }
  client.on('error', onError)
  try {
    await client.query(beginStatement(workspace, options))
    const result = await work(txOf(client))
    await client.query('commit')
    return result
  } catch (error) {
    // A rollback that fails means a connection that cannot be trusted with the next transaction.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** A `Tx` on which every statement commits by itself, for the paths where one statement is the whole work. */
export function singleStatements(pool: pg.Pool): Tx {
  return txOf(pool)
}

/** One round trip for all that opens a transaction; the workspace is a literal because `set` takes no parameters. */
function beginStatement(
  workspace: WorkspaceId | null,
  { isolation = 'read committed', readOnly = false, durability = 'safe' }: TransactionOptions,
): string {
  const wait = durability === 'deferred' ? '; set local synchronous_commit = off' : ''
  const begin = `begin isolation level ${isolation}${readOnly ? ' read only' : ''}${wait}`
  return workspace === null ? begin : `${begin}; set local skein.workspace = ${pg.escapeLiteral(workspace)}`
}

function txOf(target: pg.Pool | pg.ClientBase): Tx {
  const query: Sql['query'] = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const result = await target.query<Row>({ name: statementName(text), text, values: [...values] })
    return result.rows
  }
  return { query } as Tx
}

// Statements are named, so that each connection parses and plans a text once. Texts are constants of the query files, so
// the map is small; a text beyond the bound still works, unnamed.
const statementNamesMax = 2_000
const statementNames = new Map<string, string>()

function statementName(text: string): string | undefined {
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= statementNamesMax) return known
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return name
}
