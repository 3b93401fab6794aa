/**
 * Packs as whoever repacks them sees them: which are alive, which are due, and the swap of some for one. The rows that a swap leaves behind are
 * dead, not gone: readers that began before it still find them until the grace is over.
 */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

export interface LivePack {
  sha: string
  packBytes: number
  indexBytes: number
  gen: number
}

/** Repositories with so many new generations, or dead packs whose grace is over, or that were not cleaned for `restMs`; across workspaces. */
export const listDueRepositories = (
  sql: Sql,
  limits: { generations: number; graceMs: number; restMs: number },
  limit: number,
): Promise<Project[]> =>
  sql.query(
    `select project_id as "projectId", workspace_id as "workspaceId"
     from due_repositories($1, $2 * interval '1 millisecond', $3 * interval '1 millisecond', $4)`,
    [limits.generations, limits.graceMs, limits.restMs, limit],
  )

/** Every repository of the instance, for a check of all. */
export const listRepositories = (sql: Sql): Promise<Project[]> =>
  sql.query('select project_id as "projectId", workspace_id as "workspaceId" from all_repositories()')

export async function claimPacking(tx: Tx, project: ProjectId, leaseMs: number): Promise<boolean> {
  const rows = await tx.query(
    `update repository set packing_until = now() + $2 * interval '1 millisecond'
     where project_id = $1 and (packing_until is null or packing_until < now()) returning project_id`,
    [project, leaseMs],
  )
  return rows.length === 1
}

/** Ends the claim; not to be looked at again before `restMs`. */
export async function releasePacking(tx: Tx, project: ProjectId, restMs: number): Promise<void> {
  await tx.query(
    `update repository set packing_until = case when $2 > 0 then now() + $2 * interval '1 millisecond' end where project_id = $1`,
    [project, restMs],
  )
}

/** Live packs, the smallest first, with the generation that they belong to and whether all should be looked through. */
export async function findPacking(
  sql: Sql,
  project: ProjectId,
): Promise<{ gen: number; repackedGen: number; collectedAt: Date; packs: LivePack[] } | null> {
  const rows = await sql.query<{ gen: number; repackedGen: number; collectedAt: Date; packs: LivePack[] }>(
    `select r.gen, r.repacked_gen as "repackedGen", r.collected_at as "collectedAt",
       coalesce((select jsonb_agg(jsonb_build_object('sha', p.sha, 'packBytes', p.pack_bytes, 'indexBytes', p.index_bytes, 'gen', p.gen)
                   order by p.pack_bytes, p.sha)
                 from pack p where p.project_id = r.project_id and p.dead_at is null), '[]') as packs
     from repository r where r.project_id = $1`,
    [project],
  )
  return rows[0] ?? null
}

/** Marks packs dead; how many of them were alive. The repository's row must be locked. */
export async function killPacks(tx: Tx, project: ProjectId, shas: readonly string[]): Promise<number> {
  const rows = await tx.query(
    'update pack set dead_at = now() where project_id = $1 and sha = any($2) and dead_at is null returning sha',
    [project, shas],
  )
  return rows.length
}

/** Notes that packs up to a generation were looked at; `isCollected`: what nothing reaches was left out. */
export async function recordPacking(tx: Tx, project: ProjectId, isCollected: boolean): Promise<void> {
  await tx.query(
    'update repository set repacked_gen = gen, collected_at = case when $2 then now() else collected_at end where project_id = $1',
    [project, isCollected],
  )
}

/** Deletes packs that have been dead for `graceMs`, with their bytes; returns how many. The repository's row must be locked. */
export async function deleteDeadPacks(tx: Tx, project: ProjectId, graceMs: number): Promise<number> {
  const rows = await tx.query<{ packs: number }>(
    `with gone as (
       delete from pack where project_id = $1 and dead_at < now() - $2 * interval '1 millisecond' returning sha),
     chunks as (delete from pack_chunk c using gone where c.project_id = $1 and c.sha = gone.sha)
     select count(*)::int as packs from gone`,
    [project, graceMs],
  )
  return rows[0]?.packs ?? 0
}

/**
 * Every commit that must stay readable: refs, the reflog of `reflogDays`, snapshots that are being made, and pulls that are being applied.
 */
export async function listRoots(sql: Sql, project: ProjectId, reflogDays: number): Promise<Oid[]> {
  const rows = await sql.query<{ oid: Oid }>(
    `select oid from ref where project_id = $1
     union select unnest(array[old_oid, new_oid]) from reflog where project_id = $1 and at > now() - make_interval(days => $2)
     union select base_oid from snapshot where project_id = $1 and state = 'open'
     union select unnest(array[base_oid, ours_oid, theirs_oid]) from pull where project_id = $1 and state = 'applying'
     order by 1`,
    [project, reflogDays],
  )
  return rows.flatMap(({ oid }) => (oid === null ? [] : [oid]))
}
