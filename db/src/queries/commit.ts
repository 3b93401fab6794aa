/**
 * Commits as rows, for lists and for facts about them; the objects themselves are in packs. `n` is the order of
 * arrival, parents first.
 */
import type { Oid, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export type CommitKind = 'snapshot' | 'remote' | 'pushed' | 'restore' | 'release'

export interface NewCommit {
  oid: Oid
  parents: Oid[]
  authorName: string
  authorEmail: string
  /** Null for imported history. */
  authorActor: string | null
  authoredAt: Date
  committedAt: Date
  message: string
  kind: CommitKind
  filesChanged: number | null
}

export interface CommitRow extends NewCommit {
  n: number
}

const columns = `oid, parents, author_name as "authorName", author_email as "authorEmail",
  author_actor as "authorActor", authored_at as "authoredAt", committed_at as "committedAt", message, kind, files_changed as "filesChanged", n`

/** Adds commits in the given order, parents before children; those that are there already stay as they are. */
export async function insertCommits(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  commits: readonly NewCommit[],
): Promise<void> {
  // Parents travel joined by spaces: unnest would flatten an array of arrays. NUL cannot be kept in a text and has no
  // meaning in a message.
  await tx.query(
    `insert into git_commit (project_id, workspace_id, oid, parents, author_name, author_email, author_actor, authored_at,
       committed_at, message, kind, files_changed)
     select $1, $2, oid, coalesce(string_to_array(nullif(parents, ''), ' '), '{}'), name, email, actor, authored,
       committed, message, kind, files
     from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
       $9::timestamptz[], $10::text[], $11::text[], $12::int[]) with ordinality as c(oid, parents, name, email, actor, authored, committed, message, kind, files, place)
     order by place
     on conflict (project_id, oid) do nothing`,
    [
      project.projectId,
      project.workspaceId,
      commits.map((commit) => commit.oid),
      commits.map((commit) => commit.parents.join(' ')),
      commits.map((commit) => withoutNul(commit.authorName)),
      commits.map((commit) => withoutNul(commit.authorEmail)),
      commits.map((commit) => commit.authorActor),
      commits.map((commit) => commit.authoredAt),
      commits.map((commit) => commit.committedAt),
      commits.map((commit) => withoutNul(commit.message)),
      commits.map((commit) => commit.kind),
      commits.map((commit) => commit.filesChanged),
    ],
  )
}

const withoutNul = (text: string): string => text.replaceAll('\0', '')

export async function findCommit(sql: Sql, project: ProjectId, oid: Oid): Promise<CommitRow | null> {
  const rows = await sql.query<CommitRow>(`select ${columns} from git_commit where project_id = $1 and oid = $2`, [
    project,
    oid,
  ])
  return rows[0] ?? null
}

/** Of these commits, those that were made or pushed here: whatever did not come from the linked repository. */
export const listOwnCommits = (sql: Sql, project: ProjectId, oids: readonly Oid[]): Promise<{ oid: Oid }[]> =>
  sql.query(`select oid from git_commit where project_id = $1 and oid = any($2) and kind <> 'remote'`, [project, oids])

/** Newest first; `before` is the `n` of the last one of the page before, null for the first page. */
export const listCommits = (
  sql: Sql,
  project: ProjectId,
  page: { before: number | null; limit: number },
): Promise<CommitRow[]> =>
  sql.query(
    `select ${columns} from git_commit
     where project_id = $1 and ($2::bigint is null or n < $2) order by n desc limit $3`,
    [project, page.before, page.limit],
  )
