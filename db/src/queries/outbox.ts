/**
 * The outbox: one row for each linked project, whose worker brings both directions up to date. It is due for a commit that GitHub should get
 * (`target`), for a hint that something changed there (`checkReason`), or because its time to look has come; an idle row is one that waits for that time.
 * It has no row-level security, because the worker's claim crosses workspaces; only this file touches it.
 */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** Heard by sync workers; the payload is the project. */
export const outboxChannel = 'skein_outbox'

/** What asks for a push: a new commit, a new link, or a person who wants another try. */
export type PushTrigger = string

export interface OutboxRow {
  projectId: ProjectId
  workspaceId: WorkspaceId
  ref: string | null
  /** Null: nothing to push was announced, only a look is due. */
  target: Oid | null
  trigger: PushTrigger
  /** Who asked for a look; `poll`: only the time. */
  checkReason: string | null
  /** The webhook delivery that asked, if one did. */
  delivery: string | null
  /** More than a branch may have changed: GitHub's API is to be asked too. */
  isDeep: boolean
  /** Counts what was asked; a worker ends only what it has seen. */
  version: number
  attempts: number
  nextAt: Date
  /** GitHub's own word: no hint pulls the next try before it. */
  notBefore: Date | null
  /** Since when it is due, or idle. */
  since: Date
  errorCode: string | null
  errorMessage: string | null
}

const columns = `project_id as "projectId", owner_workspace as "workspaceId", ref, target, trigger, check_reason as "checkReason", delivery,
  is_deep as "isDeep", version, attempts, next_at as "nextAt", not_before as "notBefore", since, error_code as "errorCode",
  error_message as "errorMessage"`

/** A row that a worker has taken, until its lease ends and somebody else takes it. */
export interface ClaimedSync extends OutboxRow {
  claim: string
}

/** What a worker names to touch its row; once somebody else has it, or it is the row of another link, nothing is touched. */
export type Claim = Pick<ClaimedSync, 'projectId' | 'claim'>

/** Nothing is asked for; the row only waits for its time to look. */
const isIdle = `outbox.target is null and outbox.check_reason in ('poll', 'start') and outbox.error_code is null`
const soonest = 'greatest(now(), outbox.not_before)'

/**
 * Asks for `target` to be pushed, in the transaction that made the commit. Does nothing for a project without an active link, or one that is
 * paused. A row that waits after a failure keeps its back-off, and carries the newer commit.
 */
export async function enqueuePush(
  tx: Tx,
  push: { projectId: ProjectId; ref: string; target: Oid; trigger?: PushTrigger },
): Promise<void> {
  await tx.query(
    `with asked as (
       insert into outbox (project_id, owner_workspace, ref, target, trigger)
       select project_id, workspace_id, $2, $3, $4 from github_link where project_id = $1 and state = 'active' and paused_at is null
       on conflict (project_id) do update set
         trigger = case when outbox.target is null then excluded.trigger else outbox.trigger end,
         ref = excluded.ref, target = excluded.target, version = outbox.version + 1,
         since = case when ${isIdle} then now() else outbox.since end,
         next_at = case when ${isIdle} then ${soonest} else outbox.next_at end
       returning project_id)
     select pg_notify('${outboxChannel}', project_id::text) from asked`,
    [push.projectId, push.ref, push.target, push.trigger ?? 'snapshot'],
  )
}

export interface Hint {
  /** Shown as what triggered the operations that follow: `webhook`, `person`, `link`, `start`, `conflict`, … */
  reason: string
  delivery?: string
  /** The hint says that more than a branch has changed (a pull request, rules, the repository itself). */
  isDeep?: boolean
}

/**
 * Hints that the project and GitHub may differ: the worker looks as soon as it can, also when the link is held, and whatever back-off a GitHub
 * that could not be reached has left, but never before a rate limit ends. Does nothing for a project without a link, or with a
 * paused one unless a person asks.
 * True when somebody will look.
 */
export async function askCheck(tx: Tx, project: ProjectId, { reason, delivery, isDeep }: Hint): Promise<boolean> {
  const rows = await tx.query(
    `with asked as (
       insert into outbox (project_id, owner_workspace, check_reason, delivery, is_deep)
       select project_id, workspace_id, $2, $3, $4 from github_link where project_id = $1 and (paused_at is null or $2 = 'person')
       on conflict (project_id) do update set
         check_reason = excluded.check_reason, delivery = coalesce(excluded.delivery, outbox.delivery),
         is_deep = outbox.is_deep or excluded.is_deep, version = outbox.version + 1,
         since = case when ${isIdle} then now() else outbox.since end,
         next_at = least(${soonest}, greatest(outbox.next_at, outbox.not_before))
       returning project_id)
     select pg_notify('${outboxChannel}', project_id::text) from asked`,
    [project, reason, delivery ?? null, isDeep ?? false],
  )
  return rows.length === 1
}

/** A person's try: as `askCheck`, and the failures and any rate limit before it are forgotten. */
export async function hurrySync(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query(
    `update outbox set next_at = now(), not_before = null, attempts = 0, faults = 0
     where project_id = $1 and (leased_until is null or leased_until < now())`,
    [project],
  )
}

/**
 * Takes a row that is due, for `leaseMs`; null when none is. What was asked for comes before what is only looked at from time to time, unless that
 * has waited for ten minutes; among those, workspaces with the fewest rows under way. Rows of workspaces in `except` are left.
 */
export async function claimSync(
  tx: Tx,
  leaseMs: number,
  except: readonly WorkspaceId[] = [],
): Promise<ClaimedSync | null> {
  const rows = await tx.query<ClaimedSync>(
    `with busy as (select owner_workspace, count(*) as n from outbox where leased_until >= now() group by owner_workspace)
     update outbox set leased_until = now() + $1 * interval '1 millisecond', claim = gen_random_uuid()
     where project_id = (
       select o.project_id from outbox o left join busy on busy.owner_workspace = o.owner_workspace
       where o.next_at <= now() and (o.leased_until is null or o.leased_until < now()) and not o.owner_workspace = any ($2)
       order by o.target is null and o.check_reason in ('poll', 'start') and o.next_at > now() - interval '10 minutes',
         coalesce(busy.n, 0), o.next_at limit 1
       for update of o skip locked)
     returning ${columns}, claim`,
    [leaseMs, except],
  )
  return rows[0] ?? null
}

/** Keeps a claimed row for another `leaseMs`; false when it is not this worker's any more. */
export async function keepSync(tx: Tx, { projectId, claim }: Claim, leaseMs: number): Promise<boolean> {
  const rows = await tx.query(
    `update outbox set leased_until = now() + $3 * interval '1 millisecond' where project_id = $1 and claim = $2 returning project_id`,
    [projectId, claim, leaseMs],
  )
  return rows.length === 1
}

/** Locks a claimed row; false when it is not this worker's any more. */
export async function lockSync(tx: Tx, { projectId, claim }: Claim): Promise<boolean> {
  const rows = await tx.query('select from outbox where project_id = $1 and claim = $2 for update', [projectId, claim])
  return rows.length === 1
}

/** When the next row is due, of workspaces that are not in `except`, for a worker that wants to sleep until then; null when there is none. */
export async function nextSyncAt(sql: Sql, except: readonly WorkspaceId[] = []): Promise<Date | null> {
  const rows = await sql.query<{ at: Date | null }>(
    'select min(greatest(next_at, coalesce(leased_until, next_at))) as at from outbox where not owner_workspace = any ($1)',
    [except],
  )
  return rows[0]?.at ?? null
}

/** The row of this project; null when it is not linked. */
export async function findSync(sql: Sql, project: ProjectId): Promise<OutboxRow | null> {
  const rows = await sql.query<OutboxRow>(`select ${columns} from outbox where project_id = $1`, [project])
  return rows[0] ?? null
}

/** The linked projects of the workspace that a bulk sync means, oldest first. */
export const listLinkedProjects = (
  sql: Sql,
  workspace: WorkspaceId,
  which: 'failed' | 'held' | 'all',
): Promise<{ projectId: ProjectId }[]> =>
  sql.query(
    `select l.project_id as "projectId" from github_link l join project p on p.id = l.project_id and p.deleted_at is null
     left join outbox o on o.project_id = l.project_id
     where l.workspace_id = $1 and l.paused_at is null
       and ($2 = 'all' or ($2 = 'held' and l.state = 'held') or ($2 = 'failed' and (l.state = 'held' or o.error_code is not null)))
     order by l.project_id`,
    [workspace, which],
  )

/** What is due and not under way: how many rows, and how long the oldest waits, in seconds. */
export async function readQueue(sql: Sql): Promise<{ due: number; oldestSeconds: number }> {
  const rows = await sql.query<{ due: number; oldestSeconds: number }>(
    `select count(*)::int as due, coalesce(extract(epoch from now() - min(next_at)), 0)::float as "oldestSeconds"
     from outbox where next_at <= now() and (leased_until is null or leased_until < now())`,
  )
  return rows[0] ?? { due: 0, oldestSeconds: 0 }
}

/** Gives a claimed row back without counting an attempt, not to be tried before `nextAt`. */
export async function postponeSync(tx: Tx, { projectId, claim }: Claim, nextAt: Date): Promise<void> {
  await tx.query(
    'update outbox set leased_until = null, claim = null, next_at = $3 where project_id = $1 and claim = $2',
    [projectId, claim, nextAt],
  )
}

/**
 * Gives a claimed row back after a fault of our own, to be tried again after `firstMs`, which doubles with each such fault in a row up to `lastMs`.
 * Returns how many there were; 0: the row is not this worker's any more.
 */
export async function putBackSync(
  tx: Tx,
  { projectId, claim }: Claim,
  { firstMs, lastMs }: { firstMs: number; lastMs: number },
): Promise<number> {
  const rows = await tx.query<{ faults: number }>(
    `update outbox set leased_until = null, claim = null, faults = faults + 1,
       next_at = now() + least($3 * power(2, least(faults, 20)), $4) * interval '1 millisecond'
     where project_id = $1 and claim = $2 returning faults`,
    [projectId, claim, firstMs, lastMs],
  )
  return rows[0]?.faults ?? 0
}

/** Counts a failed attempt, with its reason, to be tried again at `nextAt`; hints do not pull it before `notBefore`. */
export async function retrySync(
  tx: Tx,
  { projectId, claim }: Claim,
  failure: { code: string; message: string; nextAt: Date; notBefore: Date | null },
): Promise<void> {
  await tx.query(
    `update outbox set leased_until = null, claim = null, faults = 0, attempts = attempts + 1, next_at = $3, not_before = $4,
       error_code = $5, error_message = $6
     where project_id = $1 and claim = $2`,
    [projectId, claim, failure.nextAt, failure.notBefore, failure.code, failure.message],
  )
}

/**
 * All that was asked until the claim is done: the row is idle until `lookAt`; `isDeep`: GitHub's API is to be asked then. What was asked since is due
 * now, and then false is returned.
 */
export async function settleSync(
  tx: Tx,
  { projectId, claim, version }: Claim & Pick<OutboxRow, 'version'>,
  lookAt: Date,
  isDeep = false,
): Promise<boolean> {
  const rows = await tx.query<{ isIdle: boolean }>(
    `update outbox set leased_until = null, claim = null, faults = 0, attempts = 0, not_before = null, error_code = null, error_message = null,
       ref = case when version = $2 then null else ref end,
       target = case when version = $2 then null else target end,
       check_reason = case when version = $2 then 'poll' else check_reason end,
       delivery = case when version = $2 then null else delivery end,
       is_deep = $5 or is_deep and version <> $2,
       next_at = case when version = $2 then $3 else now() end,
       since = case when version = $2 then now() else since end
     where project_id = $1 and claim = $4
     returning version = $2 as "isIdle"`,
    [projectId, version, lookAt, claim, isDeep],
  )
  return rows[0]?.isIdle ?? true
}

/**
 * Lets idle rows that were settled before that moment be due sooner, spread over `everyMs` for each of them; for a worker that begins. A row that
 * somebody asks for meanwhile does not wait for that. Returns how many.
 */
export async function wakeIdle(tx: Tx, settledBefore: Date, everyMs: number): Promise<number> {
  const rows = await tx.query(
    `with idle as (
       select project_id, count(*) over () as n from outbox
       where target is null and check_reason = 'poll' and error_code is null and since < $1 and next_at > now())
     update outbox set next_at = least(next_at, now() + random() * idle.n * $2 * interval '1 millisecond'), check_reason = 'start'
     from idle where idle.project_id = outbox.project_id and outbox.target is null and outbox.check_reason = 'poll'
     returning outbox.project_id`,
    [settledBefore, everyMs],
  )
  return rows.length
}

/**
 * Somebody has the project open: an idle row is due `everyMs` after the last look at the latest. True when that is sooner by as much again, which is worth
 * telling.
 */
export async function hastenLook(tx: Tx, project: ProjectId, everyMs: number): Promise<boolean> {
  const rows = await tx.query<{ isSooner: boolean }>(
    `with before as (select project_id, next_at from outbox where project_id = $1 and ${isIdle} for update)
     update outbox set next_at = least(outbox.next_at, outbox.since + $2 * interval '1 millisecond')
     from before where before.project_id = outbox.project_id
     returning before.next_at > outbox.next_at + $2 * interval '1 millisecond' as "isSooner"`,
    [project, everyMs],
  )
  return rows[0]?.isSooner ?? false
}

/** The project is not linked any more. */
export async function dropSync(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('delete from outbox where project_id = $1', [project])
}
