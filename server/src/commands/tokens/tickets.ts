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

/** Makes a ticket for the actor. With a project (by id or `workspace/project`) it opens documents of that project only. */
export async function createTicket(
  deps: TicketsDeps,
  actor: Actor,
  project?: string,
): Promise<{ ticket: string; expiresAt: Date }> {
  const access = project === undefined ? null : await requireProject(deps.db.instance, actor, project, 'read-documents')
  const ticket = makeSecret(deps.randomBytes)
  const expiresAt = new Date(deps.now().getTime() + LIFETIME_MS)
  await ticketQueries.insertTicket(deps.db.instance, {
    hash: hashSecret(ticket),
    userId: actor.userId,
    tokenId: actor.token?.id ?? null,
    projectId: access?.projectId ?? null,
    expiresAt,
  })
  return { ticket, expiresAt }
}

/** Whoever asked for the ticket, with the project it is narrowed to; it cannot be redeemed again. Refuses with `unauthenticated`. */
export async function redeemTicket(tx: Tx, ticket: string): Promise<{ actor: Actor; projectId: ProjectId | null }> {
  const found = await ticketQueries.redeemTicket(tx, hashSecret(ticket))
  if (!found)
    throw new Refusal('unauthenticated', 'This ticket was used or has expired.', { hint: 'Ask for another one.' })
  const { userId, userName: name, userEmail: email, token, projectId } = found
  return { actor: { userId, name, email, token }, projectId }
}
