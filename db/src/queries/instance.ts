/** Settings of the whole instance; no workspace, so only this file touches `instance_setting`. */

import type { UserId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Stands in `instance_setting` from the moment the rows of a backup are there until the restore is finished. */
export const unfinishedRestoreKey = 'unfinished_restore'

/** Resolves when the database answers. */
export async function checkAnswers(sql: Sql): Promise<void> {
  await sql.query('select from instance_setting limit 0')
}

/** Stores the fingerprint of the secret key unless there is one; returns the one that stands then. */
export function keepSecretFingerprint(tx: Tx, fingerprint: string): Promise<string> {
  return keep(tx, 'secret_fingerprint', fingerprint)
}

/** Another secret key holds from now on; everything that was sealed under the one before is sealed anew in the same transaction. */
export async function replaceSecretFingerprint(tx: Tx, fingerprint: string): Promise<void> {
  await tx.query(`update instance_setting set value = to_jsonb($1::text) where key = 'secret_fingerprint'`, [
    fingerprint,
  ])
}

/** The fingerprint that stands now, its row locked; null when nothing was ever kept. */
export async function lockSecretFingerprint(tx: Tx): Promise<string | null> {
  const [row] = await tx.query<{ value: string }>(
    `select value #>> '{}' as value from instance_setting where key = 'secret_fingerprint' for update`,
  )
  return row?.value ?? null
}

/** True for one node in an hour, by the database's clock: what all nodes would else do at once. */
export async function claimHour(tx: Tx, work: 'delivery_sweep'): Promise<boolean> {
  const rows = await tx.query(
    `insert into instance_setting (key, value) values ($1, to_jsonb(now()))
     on conflict (key) do update set value = to_jsonb(now())
       where (instance_setting.value #>> '{}')::timestamptz < now() - interval '1 hour'
     returning key`,
    [work],
  )
  return rows.length === 1
}

/** The person who set the instance up, or null while nobody has. */
export async function findInstanceAdmin(sql: Sql): Promise<UserId | null> {
  const [row] = await sql.query<{ value: UserId }>(
    `select value #>> '{}' as value from instance_setting where key = 'admin'`,
  )
  return row?.value ?? null
}

/** Makes the person the admin of the instance unless there is one; returns whoever it is then. */
export async function claimInstanceAdmin(tx: Tx, user: UserId): Promise<UserId> {
  return (await keep(tx, 'admin', user)) as UserId
}

/** Whether the rows came from a backup whose restore did not get to its end: nothing may serve them. */
export async function isRestoreUnfinished(sql: Sql): Promise<boolean> {
  const rows = await sql.query('select from instance_setting where key = $1', [unfinishedRestoreKey])
  return rows.length > 0
}

/** The restore has got to its end. */
export async function finishRestore(tx: Tx): Promise<void> {
  await tx.query('delete from instance_setting where key = $1', [unfinishedRestoreKey])
}

async function keep(tx: Tx, key: 'secret_fingerprint' | 'admin', value: string): Promise<string> {
  const [row] = await tx.query<{ value: string }>(
    `insert into instance_setting (key, value) values ($1, to_jsonb($2::text))
     on conflict (key) do update set value = instance_setting.value
     returning value #>> '{}' as value`,
    [key, value],
  )
  if (!row) throw new Error(`The instance setting ${key} was not kept`)
  return row.value
}
