/** What rows promise about a repository, for a check by an operator: all of it is compared with what Git finds in the packs. */
import type { FileId, Oid, ProjectId } from '@skein/protocol'
import type { Sql } from '../transaction.ts'

export interface PromisedFile {
  file: FileId
  path: string
  /** The bytes of a path that is not UTF-8, in hexadecimal. */
  pathRaw: string | null
  mode: number
  oid: Oid
}

/** What the last commit holds of each file, as the files' own rows say. */
export const listPromisedFiles = (sql: Sql, project: ProjectId): Promise<PromisedFile[]> =>
  sql.query(
    `select id as file, committed_path as path, encode(path_raw, 'hex') as "pathRaw", committed_mode as mode, committed_oid as oid from file
     where project_id = $1 and committed_path is not null and committed_oid is not null`,
    [project],
  )

export interface PromisedObject {
  oid: Oid
  /** Who needs it, in words. */
  by: string
}

/** Objects outside the files that rows name: tips, work under way, what GitHub is to get, content that can come back from the trash. */
export const listPromisedObjects = (sql: Sql, project: ProjectId): Promise<PromisedObject[]> =>
  sql.query(
    `select oid, 'ref ' || name as by from ref where project_id = $1
     union all select o.target, 'the push that waits' from outbox o join project p on p.id = o.project_id
       where o.project_id = $1 and o.target is not null
     union all select base_oid, 'snapshot ' || op from snapshot where project_id = $1 and state = 'open' and base_oid is not null
     union all select theirs_oid, 'pull ' || id from pull where project_id = $1 and state = 'applying'
     union all select committed_oid, 'trash ' || path from file
       where project_id = $1 and deleted_at is not null and committed_oid is not null and document_id is null`,
    [project],
  )

/** Commits of the project that are rows. */
export const listCommitOids = (sql: Sql, project: ProjectId): Promise<{ oid: Oid; parents: Oid[] }[]> =>
  sql.query('select oid, parents from git_commit where project_id = $1 order by n', [project])
