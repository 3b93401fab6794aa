/** Requests that may be repeated: claimed before they write, answered once, kept for a day. */
import type { UserId, WorkspaceId } from '@skein/protocol'
import type { Tx } from '../transaction.ts'

/** Whose request it is. The same key on another route, or of somebody else, is another request. */
export interface RequestKey {
  workspaceId: WorkspaceId
  userId: UserId
  route: string
  key: string
}

export interface ClaimedRequest {
  /** Names the work in the log; the same for every attempt. */
  run: string
  /** 1 for the first. */
  attempts: number
}

/** Claims a request for that long; null when somebody else has it, or it is answered, or the key belongs to another request. */
export async function claimRequest(
  tx: Tx,
  { workspaceId, userId, route, key }: RequestKey,
  { requestHash, run, leaseSeconds }: { requestHash: Uint8Array; run: string; leaseSeconds: number },
): Promise<ClaimedRequest | null> {
  const [row] = await tx.query<ClaimedRequest>(
    `insert into idempotency_key (workspace_id, user_id, route, key, request_hash, run, claimed_until)
     values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
     on conflict (workspace_id, user_id, route, key) do update
       set claimed_until = excluded.claimed_until, attempts = idempotency_key.attempts + 1
       where idempotency_key.status is null and idempotency_key.claimed_until < now()
         and idempotency_key.request_hash = excluded.request_hash
     returning run, attempts`,
    [workspaceId, userId, route, key, Buffer.from(requestHash), run, leaseSeconds],
  )
  return row ?? null
}

export interface KnownRequest {
  requestHash: Buffer
  /** Null: not answered yet. */
  status: number | null
  answer: unknown
}

export async function findRequest(
  tx: Tx,
  { workspaceId, userId, route, key }: RequestKey,
): Promise<KnownRequest | null> {
  const [row] = await tx.query<KnownRequest>(
    `select request_hash as "requestHash", status, answer from idempotency_key
     where workspace_id = $1 and user_id = $2 and route = $3 and key = $4`,
    [workspaceId, userId, route, key],
  )
  return row ?? null
}

/** Keeps the answer of a run. */
export async function answerRequest(tx: Tx, run: string, status: number, answer: unknown): Promise<void> {
  await tx.query('update idempotency_key set status = $2, answer = $3 where run = $1 and status is null', [
    run,
    status,
    JSON.stringify(answer),
  ])
}

/** Lets go of a run that ended without an answer: the next attempt takes it over at once. */
export async function releaseRequest(tx: Tx, run: string): Promise<void> {
  await tx.query('update idempotency_key set claimed_until = now() where run = $1 and status is null', [run])
}

/** Forgets a run that changed nothing: its key is free again. */
export async function forgetRequest(tx: Tx, run: string): Promise<void> {
  await tx.query('delete from idempotency_key where run = $1 and status is null', [run])
}

/** Removes at most 100 requests of the workspace that are older than a day. */
export async function sweepRequests(tx: Tx, workspace: WorkspaceId): Promise<void> {
  await tx.query(
    `delete from idempotency_key where (user_id, route, key) in (
       select user_id, route, key from idempotency_key
       where workspace_id = $1 and created_at < now() - interval '24 hours' limit 100 for update skip locked
     ) and workspace_id = $1`,
    [workspace],
  )
}
