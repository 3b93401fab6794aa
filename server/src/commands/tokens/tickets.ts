/**
 * Tickets for collaboration sockets. A browser's socket cannot send a header, and a token in an address ends up in logs; so the page asks
 * for a ticket over the authenticated API and sends it in the socket's own authentication message. It works once, for 60 seconds.
 */
import { type Database, type Tx, ticketQueries } from '@skein/db'
import { type ProjectId, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireProject } from '../access.ts'
import { hashSecret, makeSecret, type RandomBytes } from './token-text.ts'

const LIFETIME_MS = 60_000

export interface TicketsDeps {
  db: Database
  now: () => Date
  randomBytes: RandomBytes
}

export interface TicketTerms {
  /** The browser session of the actor, which the ticket ends with; null for an API token. */
  sessionId: string | null
  /** By id or `workspace/project`: it opens documents of that project only. */
  project?: string | undefined
}

/** Makes a ticket for the actor. */
export async function createTicket(
  deps: TicketsDeps,
  actor: Actor,
  { sessionId, project }: TicketTerms,
): Promise<{ ticket: string; expiresAt: Date }> {
  const access = project === undefined ? null : await requireProject(deps.db.instance, actor, project, 'read-documents')
  const ticket = makeSecret(deps.randomBytes)
  const expiresAt = new Date(deps.now().getTime() + LIFETIME_MS)
  const isKept = await ticketQueries.insertTicket(deps.db.instance, {
    hash: hashSecret(ticket),
    userId: actor.userId,
    tokenId: actor.token?.id ?? null,
    sessionId,
    projectId: access?.projectId ?? null,
    expiresAt,
  })
  if (!isKept) throw new Refusal('unauthenticated', 'Your session has just ended.', { hint: 'Sign in again.' })
  return { ticket, expiresAt }
}

export interface Redeemed {
  actor: Actor
  /** The project it is narrowed to. */
  projectId: ProjectId | null
  sessionId: string | null
}

/** Whoever asked for the ticket, which cannot be redeemed again. Refuses with `unauthenticated`. */
export async function redeemTicket(tx: Tx, ticket: string): Promise<Redeemed> {
  const found = await ticketQueries.redeemTicket(tx, hashSecret(ticket))
  if (!found)
    throw new Refusal('unauthenticated', 'This ticket was used or has expired.', { hint: 'Ask for another one.' })
  const { userId, userName: name, userEmail: email, token, projectId, sessionId } = found
  return { actor: { userId, name, email, token }, projectId, sessionId }
}
