/**
 * Accounts beyond what the accounts library does itself. Its tables (schema `auth`) belong to no workspace and have no row-level security:
 * every statement here names the person.
 */
import type { UserId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface AccountRow {
  id: UserId
  name: string
  email: string
}

export async function findAccount(sql: Sql, user: UserId): Promise<AccountRow | null> {
  const rows = await sql.query<AccountRow>('select id, name, email from auth."user" where id = $1', [user])
  return rows[0] ?? null
}

export async function findAccountByEmail(sql: Sql, email: string): Promise<AccountRow | null> {
  const rows = await sql.query<AccountRow>('select id, name, email from auth."user" where email = lower($1)', [email])
  return rows[0] ?? null
}

/** Sets the hash that sign-in compares with; false when the account has no password of its own. */
export async function updatePasswordHash(tx: Tx, user: UserId, hash: string): Promise<boolean> {
  const rows = await tx.query(
    `update auth."account" set password = $2, "updatedAt" = now() where "userId" = $1 and "providerId" = 'credential' returning id`,
    [user, hash],
  )
  return rows.length === 1
}

/** Ends every session of a person; returns how many there were. */
export async function deleteSessions(tx: Tx, user: UserId): Promise<number> {
  const rows = await tx.query('delete from auth."session" where "userId" = $1 returning id', [user])
  return rows.length
}

/** Those of these sessions that go on. */
export async function listLiveSessions(sql: Sql, sessions: readonly string[]): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    'select "id" from auth."session" where "id" = any($1) and "expiresAt" > now()',
    [sessions],
  )
  return rows.map(({ id }) => id)
}

/** Removes at most 1,000 sessions that have expired; the accounts library leaves them where nobody looks for them. */
export async function sweepSessions(tx: Tx): Promise<void> {
  await tx.query(
    `delete from auth."session" where "id" in
       (select "id" from auth."session" where "expiresAt" < now() limit 1000 for update skip locked)`,
  )
}
