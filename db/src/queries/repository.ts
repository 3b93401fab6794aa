/**
 * Git repositories as rows: refs, the reflog, packs and their chunks. `gen` grows with every change of refs or packs,
 * in the transaction that makes it, so that a disk cache knows by one number whether it is current. Whoever changes a
 * repository locks its row first, with `advanceGeneration`.
 */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

export type PackSource = 'snapshot' | 'fetch' | 'repack'
export type PackPart = 'pack' | 'index'

export interface PackRow {
  sha: string
  packBytes: number
  indexBytes: number
  gen: number
  source: PackSource
}

/** Largest chunk of a pack in one row, in bytes. */
export const packChunkBytesMax = 8 * 1024 * 1024

/** Makes the project's repository when it has none. */
export async function ensureRepository(tx: Tx, project: Project): Promise<void> {
  await tx.query('insert into repository (project_id, workspace_id) values ($1, $2) on conflict do nothing', [
    project.projectId,
    project.workspaceId,
  ])
}

/**
 * Takes the right to make snapshots for `leaseMs`; returns the fence number, or null while somebody else holds it, or while a pull other than
 * `pull` is being applied.
 */
export async function claimRepository(
  tx: Tx,
  project: ProjectId,
  leaseMs: number,
  pull: string | null = null,
): Promise<number | null> {
  const rows = await tx.query<{ fence: number }>(
    `update repository set fence = fence + 1, leased_until = now() + $2 * interval '1 millisecond'
     where project_id = $1 and (leased_until is null or leased_until < now())
       and not exists (select from pull where pull.project_id = $1 and state = 'applying' and id is distinct from $3)
     returning fence`,
    [project, leaseMs, pull],
  )
  return rows[0]?.fence ?? null
}

/** Holds the right for another `leaseMs`; false when somebody else has it by now. */
export async function renewClaim(tx: Tx, project: ProjectId, fence: number, leaseMs: number): Promise<boolean> {
  const rows = await tx.query(
    `update repository set leased_until = now() + $3 * interval '1 millisecond'
     where project_id = $1 and fence = $2 returning project_id`,
    [project, fence, leaseMs],
  )
  return rows.length === 1
}

/** Locks the repository; from then on nothing is published under earlier claims. False when the claim is not the latest. */
export async function outdateClaims(tx: Tx, project: ProjectId, fence: number): Promise<boolean> {
  const rows = await tx.query(
    `update repository set max_fence = greatest(max_fence, $2) where project_id = $1 and fence = $2 returning project_id`,
    [project, fence],
  )
  return rows.length === 1
}

/** Gives the right back, unless somebody else has it by now. */
export async function releaseClaim(tx: Tx, project: ProjectId, fence: number): Promise<void> {
  await tx.query('update repository set leased_until = null where project_id = $1 and fence = $2', [project, fence])
}

/**
 * Locks the repository until the transaction ends, and counts the change that the transaction makes visible. False when
 * there is no repository, or when a claim later than `fence` has been here (null: whoever comes without a claim).
 */
export async function advanceGeneration(tx: Tx, project: ProjectId, fence: number | null): Promise<boolean> {
  const rows = await tx.query(
    `update repository set gen = gen + 1, max_fence = greatest(max_fence, $2)
     where project_id = $1 and ($2::bigint is null or $2 >= max_fence) returning gen`,
    [project, fence],
  )
  return rows.length === 1
}

/** Locks the repository until the transaction ends, without a change: nothing becomes visible meanwhile. */
export async function lockRepository(tx: Tx, project: ProjectId): Promise<void> {
  await tx.query('select from repository where project_id = $1 for no key update', [project])
}

/**
 * The generation with the refs that belong to it, in one statement and so in one picture; null when there is no
 * repository.
 */
export async function findRefs(
  sql: Sql,
  project: ProjectId,
): Promise<{ gen: number; defaultBranch: string; refs: { name: string; oid: Oid }[] } | null> {
  const rows = await sql.query<{ gen: number; defaultBranch: string; refs: { name: string; oid: Oid }[] }>(
    `select r.gen, p.default_branch as "defaultBranch",
       coalesce((select jsonb_agg(jsonb_build_object('name', ref.name, 'oid', ref.oid) order by ref.name collate "C")
                 from ref where ref.project_id = r.project_id), '[]') as refs
     from repository r join project p on p.id = r.project_id where r.project_id = $1`,
    [project],
  )
  return rows[0] ?? null
}

export async function findRef(sql: Sql, project: ProjectId, name: string): Promise<Oid | null> {
  const rows = await sql.query<{ oid: Oid }>('select oid from ref where project_id = $1 and name = $2', [project, name])
  return rows[0]?.oid ?? null
}

/** Moves a ref from one oid to another (null: it does not exist yet); false when it stands elsewhere. */
export async function moveRef(
  tx: Tx,
  project: Project,
  move: { name: string; from: Oid | null; to: Oid },
): Promise<boolean> {
  const rows =
    move.from === null
      ? await tx.query(
          `insert into ref (project_id, workspace_id, name, oid) values ($1, $2, $3, $4)
           on conflict do nothing returning name`,
          [project.projectId, project.workspaceId, move.name, move.to],
        )
      : await tx.query(
          `update ref set oid = $4, version = version + 1
           where project_id = $1 and name = $2 and oid = $3 returning name`,
          [project.projectId, move.name, move.from, move.to],
        )
  return rows.length === 1
}

export async function insertReflog(
  tx: Tx,
  project: Project,
  entry: { name: string; from: Oid | null; to: Oid; actor: string; reason: string },
): Promise<void> {
  await tx.query(
    `insert into reflog (project_id, workspace_id, name, old_oid, new_oid, actor, reason)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [project.projectId, project.workspaceId, entry.name, entry.from, entry.to, entry.actor, entry.reason],
  )
}

/**
 * Keeps one chunk of a pack that is not visible yet; the same pack has the same chunks, so a second time changes
 * nothing.
 */
export async function insertPackChunk(
  tx: Tx,
  project: Project,
  chunk: { sha: string; part: PackPart; n: number; data: Uint8Array },
): Promise<void> {
  const { data } = chunk
  await tx.query(
    `insert into pack_chunk (project_id, workspace_id, sha, part, n, data) values ($1, $2, $3, $4, $5, $6)
     on conflict (project_id, sha, part, n) do update set created_at = now()`,
    [
      project.projectId,
      project.workspaceId,
      chunk.sha,
      chunk.part,
      chunk.n,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ],
  )
}

/**
 * Makes a pack visible with the generation that the transaction has counted (`advanceGeneration`). Throws when not all
 * of its bytes are there: a pack that is visible is promised to every reader.
 */
export async function insertPack(
  tx: Tx,
  project: Project,
  pack: { sha: string; source: PackSource; packBytes: number; indexBytes: number },
): Promise<void> {
  const rows = await tx.query(
    `insert into pack (project_id, workspace_id, sha, source, pack_bytes, index_bytes, gen)
     select $1, $2, $3, $4, $5, $6, gen from repository
     where project_id = $1 and ($5::bigint, $6::bigint) = (
       select coalesce(sum(octet_length(data)) filter (where part = 'pack'), 0),
         coalesce(sum(octet_length(data)) filter (where part = 'index'), 0)
       from pack_chunk where project_id = $1 and sha = $3)
     on conflict (project_id, sha) do update
       set dead_at = null, gen = case when pack.dead_at is null then pack.gen else excluded.gen end
     returning gen`,
    [project.projectId, project.workspaceId, pack.sha, pack.source, pack.packBytes, pack.indexBytes],
  )
  if (rows.length === 0) throw new Error(`the bytes of pack ${pack.sha} are not in this workspace, or not all of them`)
}

/** Live packs that became visible after a generation, in its order. */
export const listPacksAfter = (sql: Sql, project: ProjectId, gen: number): Promise<PackRow[]> =>
  sql.query(
    `select sha, pack_bytes as "packBytes", index_bytes as "indexBytes", gen, source from pack
     where project_id = $1 and gen > $2 and dead_at is null order by gen, sha`,
    [project, gen],
  )

export async function findPackChunk(
  sql: Sql,
  project: ProjectId,
  sha: string,
  part: PackPart,
  n: number,
): Promise<Buffer | null> {
  const rows = await sql.query<{ data: Buffer }>(
    'select data from pack_chunk where project_id = $1 and sha = $2 and part = $3 and n = $4',
    [project, sha, part, n],
  )
  return rows[0]?.data ?? null
}

/** First chunks of packs, both parts; for packs that are no larger than a chunk that is all of them. */
export const listFirstChunks = (
  sql: Sql,
  project: ProjectId,
  shas: readonly string[],
): Promise<{ sha: string; part: PackPart; data: Buffer }[]> =>
  sql.query('select sha, part, data from pack_chunk where project_id = $1 and sha = any($2) and n = 0', [project, shas])

/**
 * Deletes the chunks of a pack that never became visible. Where somebody else may be about to make it visible,
 * `lockRepository` comes first.
 */
export async function deleteHiddenChunks(tx: Tx, project: ProjectId, sha: string): Promise<void> {
  await tx.query(
    `delete from pack_chunk c where c.project_id = $1 and c.sha = $2
       and not exists (select from pack p where p.project_id = c.project_id and p.sha = c.sha)`,
    [project, sha],
  )
}

/** Deletes chunks of packs that did not become visible within `hours`; returns how many. */
export async function sweepHiddenChunks(tx: Tx, project: ProjectId, hours: number): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    `delete from pack_chunk c where c.project_id = $1 and c.created_at < now() - make_interval(hours => $2)
       and not exists (select from pack p where p.project_id = c.project_id and p.sha = c.sha)
     returning c.n`,
    [project, hours],
  )
  return rows.length
}
