/**
 * Deliveries of GitHub's webhook and the work they leave. They belong to no workspace, and their work reaches across all of them: the functions of
 * migration 0023 tell which projects are concerned, by id alone.
 */
import type { ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'
import type { SyncOperationRow } from './sync-operation.ts'

/** Heard by those who work on deliveries; the payload is the delivery's id. */
export const deliveryChannel = 'skein_delivery'

/** What a delivery says, as far as it is used: everything else is read from GitHub. */
export interface NewDelivery {
  /** GitHub's; the same when it is sent again. */
  id: string
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  ref: string | null
}

export interface DeliveryRow extends NewDelivery {
  state: 'received' | 'done'
  attempts: number
  receivedAt: Date
  doneAt: Date | null
  error: string | null
}

const columns = `id, event, action, installation_id as "installationId", repository_id as "repositoryId", ref, state, attempts,
  received_at as "receivedAt", done_at as "doneAt", error`

/** Keeps a delivery and wakes the workers. One that is here already is worked on again at once, unless it is done. */
export async function receiveDelivery(tx: Tx, delivery: NewDelivery): Promise<DeliveryRow['state']> {
  const rows = await tx.query<{ state: DeliveryRow['state'] }>(
    `with kept as (
       insert into delivery (id, event, action, installation_id, repository_id, ref, attempts) values ($1, $2, $3, $4, $5, $6, 0)
       on conflict (id) do update set next_at = case when delivery.state = 'done' then delivery.next_at else now() end
       returning id, state)
     select state, case when state = 'received' then pg_notify('${deliveryChannel}', id) end from kept`,
    [delivery.id, delivery.event, delivery.action, delivery.installationId, delivery.repositoryId, delivery.ref],
  )
  return (rows[0] as { state: DeliveryRow['state'] }).state
}

/** As `receiveDelivery`, for one that GitHub could not bring: those that are here are left alone. True when it was not here. */
export async function recoverDelivery(tx: Tx, delivery: NewDelivery): Promise<boolean> {
  const rows = await tx.query(
    `with kept as (
       insert into delivery (id, event, action, installation_id, repository_id, ref, attempts) values ($1, $2, $3, $4, $5, $6, 0)
       on conflict (id) do nothing returning id)
     select pg_notify('${deliveryChannel}', id) from kept`,
    [delivery.id, delivery.event, delivery.action, delivery.installationId, delivery.repositoryId, delivery.ref],
  )
  return rows.length === 1
}

/** Takes the delivery that has been due longest, for `leaseMs`; null when none is. */
export async function claimDelivery(tx: Tx, leaseMs: number): Promise<DeliveryRow | null> {
  const rows = await tx.query<DeliveryRow>(
    `update delivery set leased_until = now() + $1 * interval '1 millisecond', attempts = attempts + 1
     where id = (
       select id from delivery
       where state = 'received' and next_at <= now() and (leased_until is null or leased_until < now())
       order by next_at limit 1 for update skip locked)
     returning ${columns}`,
    [leaseMs],
  )
  return rows[0] ?? null
}

/** When the next one is due, for a worker that wants to sleep until then; null when none waits. */
export async function nextDeliveryAt(sql: Sql): Promise<Date | null> {
  const rows = await sql.query<{ at: Date | null }>(
    `select min(greatest(next_at, coalesce(leased_until, next_at))) as at from delivery where state = 'received'`,
  )
  return rows[0]?.at ?? null
}

/** Its work is durable: it is never worked on again. */
export async function finishDelivery(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update delivery set state = 'done', done_at = now(), leased_until = null, error = null where id = $1 and state = 'received'`,
    [id],
  )
}

/** To be tried again in `afterMs`, with what went wrong in words. */
export async function postponeDelivery(tx: Tx, id: string, afterMs: number, error: string): Promise<void> {
  await tx.query(
    `update delivery set leased_until = null, next_at = now() + $2 * interval '1 millisecond', error = $3
     where id = $1 and state = 'received'`,
    [id, afterMs, error],
  )
}

/** Removes at most `limit` deliveries, and counts of rejected ones, that are older than 30 days; returns how many deliveries. */
export async function sweepDeliveries(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.query(
    `with counts as (delete from delivery_rejection where hour < now() - interval '30 days')
     delete from delivery where id in (
       select id from delivery where received_at < now() - interval '30 days' order by received_at limit $1 for update)
     returning id`,
    [limit],
  )
  return rows.length
}

/**
 * Removes what is old of sync in all workspaces: operations of more than 90 days beyond the newest 200 of a project, conflicts decided and pulls ended
 * as long ago, and findings that are gone. At most `limit` rows of each kind; returns how many rows in all, less than `limit` once nothing is left.
 */
export async function sweepSync(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.query<{ swept: number }>('select sweep_sync($1) as swept', [limit])
  return rows[0]?.swept ?? 0
}

/** Deliveries, newest first; `before` is where the page before ended. */
export const listDeliveries = (
  sql: Sql,
  state: DeliveryRow['state'] | null,
  before: { at: string; id: string } | null,
  limit: number,
): Promise<DeliveryRow[]> =>
  sql.query(
    `select ${columns} from delivery
     where ($1::text is null or state = $1) and ($2::timestamptz is null or (received_at, id) < ($2, $3))
     order by received_at desc, id desc limit $4`,
    [state, before?.at ?? null, before?.id ?? null, limit],
  )

export interface DeliveryCounts {
  lastAt: Date | null
  received24h: number
  waiting: number
  rejected24h: number
}

export async function countDeliveries(sql: Sql): Promise<DeliveryCounts> {
  const rows = await sql.query<DeliveryCounts>(
    `select (select max(received_at) from delivery) as "lastAt",
       (select count(*)::int from delivery where received_at > now() - interval '1 day') as "received24h",
       (select count(*)::int from delivery where state = 'received') as waiting,
       (select coalesce(sum(count), 0)::int from delivery_rejection where hour > now() - interval '1 day') as "rejected24h"`,
  )
  return rows[0] as DeliveryCounts
}

/** When the last delivery came, and how many wait for their work; both by an index. */
export async function readDeliveryHealth(sql: Sql): Promise<Pick<DeliveryCounts, 'lastAt' | 'waiting'>> {
  const rows = await sql.query<Pick<DeliveryCounts, 'lastAt' | 'waiting'>>(
    `select (select max(received_at) from delivery) as "lastAt",
       (select count(*)::int from delivery where state = 'received') as waiting`,
  )
  return rows[0] as Pick<DeliveryCounts, 'lastAt' | 'waiting'>
}

/** Adds to the count of calls with a wrong signature in this hour. */
export async function countRejections(tx: Tx, rejections: number): Promise<void> {
  await tx.query(
    `insert into delivery_rejection (hour, count) values (date_trunc('hour', now()), $1)
     on conflict (hour) do update set count = delivery_rejection.count + excluded.count`,
    [rejections],
  )
}

export interface LinkKey {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** Projects linked to the repository; with none, those linked through the installation. In all workspaces. */
export const listConcerned = (
  sql: Sql,
  { repositoryId, installationId }: Pick<NewDelivery, 'repositoryId' | 'installationId'>,
): Promise<LinkKey[]> =>
  sql.query('select project_id as "projectId", workspace_id as "workspaceId" from linked_projects($1, $2)', [
    repositoryId,
    installationId,
  ])

/** Linked projects that stand so, in the order of their ids, after the given one. In all workspaces. */
export const listLinksStanding = (
  sql: Sql,
  standing: 'failed' | 'held' | 'all',
  after: ProjectId | null,
  limit: number,
): Promise<LinkKey[]> =>
  sql.query('select project_id as "projectId", workspace_id as "workspaceId" from links_standing($1, $2, $3)', [
    standing,
    after,
    limit,
  ])

export interface InstanceOperationRow extends SyncOperationRow {
  projectId: ProjectId
  projectSlug: string
  projectName: string
  workspaceSlug: string
  workspaceName: string
}

/** Operations of all workspaces, newest first; `before` is the id of the last one that was seen. */
export const listOperationsOfInstance = (
  sql: Sql,
  state: SyncOperationRow['state'] | null,
  before: string | null,
  limit: number,
): Promise<InstanceOperationRow[]> =>
  sql.query(
    `select (o.operation).id, (o.operation).direction, (o.operation).mode, (o.operation).trigger, (o.operation).state,
       (o.operation).oid_before as "oidBefore", (o.operation).oid_after as "oidAfter", (o.operation).commits, (o.operation).files,
       (o.operation).insertions, (o.operation).deletions, (o.operation).conflicts, (o.operation).pull_request as "pullRequest",
       (o.operation).branch, (o.operation).delivery, (o.operation).note, (o.operation).quota_left as "quotaLeft",
       (o.operation).error_code as "errorCode", (o.operation).error_message as "errorMessage", (o.operation).attempts,
       (o.operation).started_at as "startedAt", (o.operation).finished_at as "finishedAt",
       o.project_id as "projectId", o.project_slug as "projectSlug", o.project_name as "projectName",
       o.workspace_slug as "workspaceSlug", o.workspace_name as "workspaceName"
     from operations_of_instance($1, $2, $3) o`,
    [state, before, limit],
  )

/** Whose operation it is; null when there is none, or its project is in the trash. */
export async function findProjectOfOperation(sql: Sql, operation: string): Promise<LinkKey | null> {
  const rows = await sql.query<LinkKey>(
    'select project_id as "projectId", workspace_id as "workspaceId" from project_of_operation($1)',
    [operation],
  )
  return rows[0] ?? null
}
