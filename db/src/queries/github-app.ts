/**
 * The GitHub App that was made from the admin page, and the ways to GitHub and back that somebody has begun. Neither belongs to a workspace, so
 * only this file touches `github_app` and `github_state`.
 */
import type { UserId, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

/** The secrets are sealed, each for its column of this App. */
export interface GithubAppRow {
  appId: string
  slug: string
  name: string
  htmlUrl: string
  privateKey: string
  /** Null: GitHub gave none, because the App has no webhook. */
  webhookSecret: string | null
  clientId: string
  clientSecret: string | null
}

const columns = `app_id as "appId", slug, name, html_url as "htmlUrl", private_key as "privateKey", webhook_secret as "webhookSecret",
  client_id as "clientId", client_secret as "clientSecret"`

export async function findGithubApp(sql: Sql): Promise<GithubAppRow | null> {
  const rows = await sql.query<GithubAppRow>(`select ${columns} from github_app`)
  return rows[0] ?? null
}

/** The row, locked, so that what is sealed anew is what stands there. */
export async function lockGithubApp(tx: Tx): Promise<GithubAppRow | null> {
  const rows = await tx.query<GithubAppRow>(`select ${columns} from github_app for update`)
  return rows[0] ?? null
}

/** Keeps the App; false when the instance has one already. */
export async function insertGithubApp(tx: Tx, app: GithubAppRow, createdBy: UserId): Promise<boolean> {
  const rows = await tx.query(
    `insert into github_app (app_id, slug, name, html_url, private_key, webhook_secret, client_id, client_secret, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (one) do nothing returning one`,
    [
      app.appId,
      app.slug,
      app.name,
      app.htmlUrl,
      app.privateKey,
      app.webhookSecret,
      app.clientId,
      app.clientSecret,
      createdBy,
    ],
  )
  return rows.length === 1
}

/** Puts other sealed texts in the place of those that are there. */
export async function updateGithubAppSecrets(
  tx: Tx,
  sealed: Pick<GithubAppRow, 'privateKey' | 'webhookSecret' | 'clientSecret'>,
): Promise<void> {
  await tx.query('update github_app set private_key = $1, webhook_secret = $2, client_secret = $3', [
    sealed.privateKey,
    sealed.webhookSecret,
    sealed.clientSecret,
  ])
}

/** Forgets the App with this name; false when there is none of that name. */
export async function deleteGithubApp(tx: Tx, name: string): Promise<boolean> {
  const rows = await tx.query('delete from github_app where name = $1 returning one', [name])
  return rows.length === 1
}

export interface GithubStateRow {
  kind: 'manifest' | 'install'
  userId: UserId
  /** Where an installation is to be bound; null for `manifest`. */
  workspaceId: WorkspaceId | null
  /** The installation that GitHub named before it was proven; null: it is still to come. */
  installationId: number | null
}

/** Remembers a way to GitHub and back by the hash of its text, and sweeps at most 100 that are over. */
export async function insertGithubState(
  tx: Tx,
  state: GithubStateRow & { hash: Uint8Array; expiresAt: Date },
): Promise<void> {
  await tx.query(
    `with swept as (
       delete from github_state where hash in (select hash from github_state where expires_at < now() limit 100 for update skip locked)
     )
     insert into github_state (hash, kind, user_id, for_workspace, installation_id, expires_at) values ($1, $2, $3, $4, $5, $6)`,
    [state.hash, state.kind, state.userId, state.workspaceId, state.installationId, state.expiresAt],
  )
}

/** Takes the way with this hash out of the table: of two that try, one gets it. Null when it was used or is over. */
export async function redeemGithubState(tx: Tx, hash: Uint8Array): Promise<GithubStateRow | null> {
  const rows = await tx.query<GithubStateRow>(
    `with state as (delete from github_state where hash = $1 returning *)
     select kind, user_id as "userId", for_workspace as "workspaceId", installation_id as "installationId"
     from state where expires_at > now()`,
    [hash],
  )
  return rows[0] ?? null
}
