/** Settings of the whole instance; no workspace, so only this file touches `instance_setting`. */

import type { Sql, Tx } from '../transaction.ts'

export type InstanceSetting = 'secret_fingerprint' | 'setup_token_hash'

export async function findInstanceSetting(sql: Sql, key: InstanceSetting): Promise<unknown> {
  const [row] = await sql.query<{ value: unknown }>('select value from instance_setting where key = $1', [key])
  return row?.value ?? null
}

/** Stores the value unless there is one; returns the one that stands then. */
export async function keepInstanceSetting(tx: Tx, key: InstanceSetting, value: string): Promise<unknown> {
  const [row] = await tx.query<{ value: unknown }>(
    `insert into instance_setting (key, value) values ($1, to_jsonb($2::text))
     on conflict (key) do update set value = instance_setting.value
     returning value`,
    [key, value],
  )
  return row?.value ?? null
}

export async function deleteInstanceSetting(tx: Tx, key: InstanceSetting): Promise<void> {
  await tx.query('delete from instance_setting where key = $1', [key])
}
