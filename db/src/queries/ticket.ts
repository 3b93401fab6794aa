/**
 * Single-use tickets for collaboration sockets. Looked up by hash before any workspace is known, so `collab_ticket` has no row-level
 * security: every statement here names the hash.
 */
import type { ProjectId, Scope, TokenId, UserId, WorkspaceId } from '@skein/protocol'
import type { Tx } from '../transaction.ts'

/** Whom a ticket stands for. `token` is the API token it was asked for with, whose narrower rights it inherits. */
export interface RedeemedTicket {
  userId: UserId
  userName: string
  userEmail: string
  /** Null: the projects the person may open, all of them. */
  projectId: ProjectId | null
  /** The browser session it was asked for with; null when it was an API token. */
  sessionId: string | null
  token: { id: TokenId; scopes: Scope[]; workspaceId: WorkspaceId | null; expiresAt: Date | null } | null
}

export interface NewTicket {
  hash: Uint8Array
  userId: UserId
  tokenId: TokenId | null
  sessionId: string | null
  projectId: ProjectId | null
  expiresAt: Date
}

/** Keeps a ticket, and sweeps at most 100 that expired. False when the session or the API token it was asked for with has just gone. */
export async function insertTicket(tx: Tx, ticket: NewTicket): Promise<boolean> {
  try {
    await keepTicket(tx, ticket)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION) return false
    throw error
  }
}

const FOREIGN_KEY_VIOLATION = '23503'

async function keepTicket(tx: Tx, ticket: NewTicket): Promise<void> {
  await tx.query(
    `with swept as (
       delete from collab_ticket where hash in (select hash from collab_ticket where expires_at < now() limit 100 for update skip locked)
     )
     insert into collab_ticket (hash, user_id, token_id, session_id, project_id, expires_at) values ($1, $2, $3, $4, $5, $6)`,
    [ticket.hash, ticket.userId, ticket.tokenId, ticket.sessionId, ticket.projectId, ticket.expiresAt],
  )
}

/**
 * Takes the ticket with this SHA-256 hash out of the table: of two that try, one gets it. Null when it was used, has expired, or its
 * person, session or API token is gone or revoked.
 */
export async function redeemTicket(tx: Tx, hash: Uint8Array): Promise<RedeemedTicket | null> {
  const rows = await tx.query<RedeemedTicket>(
    `with ticket as (delete from collab_ticket where hash = $1 returning *)
     select u.id as "userId", u.name as "userName", u.email as "userEmail", ticket.project_id as "projectId",
            ticket.session_id as "sessionId",
            case when t.id is not null then jsonb_build_object('id', t.id, 'scopes', t.scopes, 'workspaceId', t.bound_workspace,
              'expiresAt', t.expires_at) end as token
     from ticket
     join auth."user" u on u.id = ticket.user_id
     left join api_token t on t.id = ticket.token_id
     where ticket.expires_at > now()
       and (ticket.token_id is null or (t.revoked_at is null and (t.expires_at is null or t.expires_at > now())))`,
    [hash],
  )
  const row = rows[0]
  if (!row?.token) return row ?? null
  const { expiresAt } = row.token
  return { ...row, token: { ...row.token, expiresAt: expiresAt === null ? null : new Date(expiresAt) } }
}
