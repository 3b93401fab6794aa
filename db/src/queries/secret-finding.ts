/** Possible secrets in commits that have not left yet, and who let which of them pass. */
import type { Oid, ProjectId, UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface NewSecretFinding {
  commit: Oid
  blob: Oid
  path: string
  line: number
  rule: string
  message: string
  /** A keyed hash of the secret. */
  fingerprint: Buffer
}

export interface SecretFindingRow extends Omit<NewSecretFinding, 'fingerprint'> {
  id: string
  state: 'open' | 'released' | 'gone'
  releasedBy: UserId | null
  releasedByName: string | null
  releasedAt: Date | null
  note: string | null
  createdAt: Date
}

const columns = `f.id, f.commit_oid as commit, f.blob_oid as blob, f.path, f.line, f.rule, f.message, f.state, f.released_by as "releasedBy",
  u.name as "releasedByName", f.released_at as "releasedAt", f.note, f.created_at as "createdAt"`

/**
 * Keeps what a look at a range found: what was released stays so, what had gone and is there again is open again, and what is open and not among it
 * any more has gone.
 */
export async function keepSecretFindings(
  tx: Tx,
  { projectId, workspaceId }: { projectId: ProjectId; workspaceId: WorkspaceId },
  found: readonly NewSecretFinding[],
): Promise<void> {
  await tx.query(
    `with found as (
       select * from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::bytea[])
         as t(commit_oid, blob_oid, path, line, rule, message, fingerprint)),
     gone as (
       update secret_finding f set state = 'gone' where f.project_id = $1 and f.state = 'open'
         and not exists (select from found t where t.path = f.path and t.fingerprint = f.fingerprint))
     insert into secret_finding (project_id, workspace_id, commit_oid, blob_oid, path, line, rule, message, fingerprint)
     select $1, $2, commit_oid, blob_oid, path, line, rule, message, fingerprint from found
     on conflict (project_id, path, fingerprint) do update
       set commit_oid = excluded.commit_oid, blob_oid = excluded.blob_oid, line = excluded.line, rule = excluded.rule, message = excluded.message,
         state = case when secret_finding.state = 'released' then 'released' else 'open' end`,
    [
      projectId,
      workspaceId,
      found.map(({ commit }) => commit),
      found.map(({ blob }) => blob),
      found.map(({ path }) => path),
      found.map(({ line }) => line),
      found.map(({ rule }) => rule),
      found.map(({ message }) => message),
      found.map(({ fingerprint }) => fingerprint),
    ],
  )
}

/** The findings of a project, those that hold the push first; at most `limit`. */
export const listSecretFindings = (sql: Sql, project: ProjectId, limit: number): Promise<SecretFindingRow[]> =>
  sql.query(
    `select ${columns} from secret_finding f left join auth."user" u on u.id = f.released_by
     where f.project_id = $1 order by f.state = 'open' desc, f.id desc limit $2`,
    [project, limit],
  )

/** Findings that hold the push, by path and line. */
export const listOpenSecrets = (
  sql: Sql,
  project: ProjectId,
): Promise<{ path: string; line: number; message: string }[]> =>
  sql.query(
    `select path, line, message from secret_finding where project_id = $1 and state = 'open' order by path, line`,
    [project],
  )

/** Secrets that were let pass, by their hashes. */
export const listReleasedFingerprints = (sql: Sql, project: ProjectId): Promise<{ fingerprint: Buffer }[]> =>
  sql.query(`select distinct fingerprint from secret_finding where project_id = $1 and state = 'released'`, [project])

/** Null: there is no such finding. */
export async function findSecretState(
  sql: Sql,
  project: ProjectId,
  id: string,
): Promise<SecretFindingRow['state'] | null> {
  const rows = await sql.query<Pick<SecretFindingRow, 'state'>>(
    'select state from secret_finding where project_id = $1 and id = $2',
    [project, id],
  )
  return rows[0]?.state ?? null
}

/** Lets one pass, with every other place of the same secret; null when it was not open. */
export async function releaseSecretFinding(
  tx: Tx,
  project: ProjectId,
  id: string,
  by: UserId,
  note: string | null,
): Promise<{ path: string; line: number; message: string } | null> {
  const rows = await tx.query<{ id: string; path: string; line: number; message: string }>(
    `update secret_finding set state = 'released', released_by = $3, released_at = now(), note = $4
     where project_id = $1 and state = 'open'
       and fingerprint = (select fingerprint from secret_finding where project_id = $1 and id = $2 and state = 'open')
     returning id, path, line, message`,
    [project, id, by, note],
  )
  return rows.find((row) => row.id === id) ?? null
}
