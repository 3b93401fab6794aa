/** Counters of the request limits that must hold across nodes and restarts (sign-in, sign-up, invitations). They belong to no workspace. */
import type { Tx } from '../transaction.ts'

/** Counts one request against `key` in a window that starts with its first; returns the count and when the window ends. */
export async function countRequest(
  tx: Tx,
  key: string,
  windowSeconds: number,
): Promise<{ count: number; resetsAt: Date }> {
  const rows = await tx.query<{ count: number; resetsAt: Date }>(
    `insert into request_limit (key, count, resets_at) values ($1, 1, now() + make_interval(secs => $2))
     on conflict (key) do update set
       count = case when request_limit.resets_at <= now() then 1 else request_limit.count + 1 end,
       resets_at = case when request_limit.resets_at <= now() then excluded.resets_at else request_limit.resets_at end
     returning count, resets_at as "resetsAt"`,
    [key, windowSeconds],
  )
  return rows[0] as { count: number; resetsAt: Date }
}

/** Forgets what was counted against `key`: somebody who signs in with the right password starts anew. */
export async function clearRequests(tx: Tx, key: string): Promise<void> {
  await tx.query('delete from request_limit where key = $1', [key])
}

/** Removes at most 1,000 counters whose window has ended. */
export async function sweepRequests(tx: Tx): Promise<void> {
  await tx.query(
    'delete from request_limit where key in (select key from request_limit where resets_at < now() limit 1000 for update skip locked)',
  )
}
