/** Which commit of ours a commit of GitHub is, for links to a folder of a repository. */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface MappedCommit {
  remote: Oid
  local: Oid
  /** We made the remote one of ours. */
  isOwn: boolean
}

/** The folder of a project's link. */
export interface MapKey {
  projectId: ProjectId
  directory: string
}

/** Notes pairs; a remote commit that is known keeps what it is. */
export async function insertMappedCommits(
  tx: Tx,
  key: MapKey & { workspaceId: WorkspaceId },
  commits: readonly MappedCommit[],
): Promise<void> {
  await tx.query(
    `insert into commit_map (project_id, workspace_id, directory, remote_oid, local_oid, is_own)
     select $1, $2, $3, remote, local, own
     from unnest($4::text[], $5::text[], $6::bool[]) with ordinality as c(remote, local, own, place) order by place
     on conflict do nothing`,
    [
      key.projectId,
      key.workspaceId,
      key.directory,
      commits.map(({ remote }) => remote),
      commits.map(({ local }) => local),
      commits.map(({ isOwn }) => isOwn),
    ],
  )
}

/** Those of the remote commits that are known, in no order. */
export const findLocalCommits = (
  sql: Sql,
  { projectId, directory }: MapKey,
  remote: readonly Oid[],
): Promise<MappedCommit[]> =>
  sql.query(
    `select remote_oid as remote, local_oid as local, is_own as "isOwn" from commit_map
     where project_id = $1 and directory = $2 and remote_oid = any($3)`,
    [projectId, directory, remote],
  )

/** Every remote commit that one of ours is, the newest row first. */
export async function listRemoteCommits(sql: Sql, { projectId, directory }: MapKey, local: Oid): Promise<Oid[]> {
  const rows = await sql.query<{ remote: Oid }>(
    'select remote_oid as remote from commit_map where project_id = $1 and directory = $2 and local_oid = $3 order by n desc',
    [projectId, directory, local],
  )
  return rows.map(({ remote }) => remote)
}

/** What each of our commits is at GitHub, as the newest row says; those that never were sent are not among them. */
export const findRemoteCommits = (
  sql: Sql,
  { projectId, directory }: MapKey,
  local: readonly Oid[],
): Promise<{ local: Oid; remote: Oid }[]> =>
  sql.query(
    `select distinct on (local_oid) local_oid as local, remote_oid as remote from commit_map
     where project_id = $1 and directory = $2 and local_oid = any($3) order by local_oid, n desc`,
    [projectId, directory, local],
  )
