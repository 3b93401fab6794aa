/**
 * Invitations by link: made by a member for a role they hold themselves, for a number of uses and days. A link is good only while its maker
 * could still make it: whoever loses a role takes the invitations to it along.
 */
import { accountQueries, type Database, invitationQueries, memberQueries } from '@skein/db'
import { type InvitationId, type ProjectId, Refusal, type Role } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound, requireScope } from '../../policies/authorise.ts'
import { checkInvitation, mayInviteAs } from '../../policies/membership.ts'
import { requireWorkspace, type WorkspaceAccess } from '../access.ts'
import { hashSecret, makeSecret, type RandomBytes } from '../tokens/token-text.ts'

type InvitationRow = invitationQueries.InvitationRow
type FoundInvitation = invitationQueries.FoundInvitation

const DAY_MS = 24 * 60 * 60 * 1000

export interface InvitationsDeps {
  db: Database
  now: () => Date
  randomBytes: RandomBytes
}

export interface InvitationTerms {
  role: Exclude<Role, 'owner'>
  projectId?: ProjectId | undefined
  usesMax: number
  expiresInDays: number
}

/** Makes an invitation; its token is returned once and kept only as a hash. */
export async function createInvitation(
  deps: InvitationsDeps,
  actor: Actor,
  reference: string,
  terms: InvitationTerms,
): Promise<{ invitation: InvitationRow; token: string }> {
  const { id: workspaceId, role: by } = await requireWorkspace(deps.db.instance, actor, reference, 'manage-invitations')
  checkInvitation(by, terms.role)
  const token = makeSecret(deps.randomBytes)
  const invitation = await deps.db.inWorkspace(workspaceId, async (tx) => {
    if (terms.projectId && !(await invitationQueries.isProjectOf(tx, workspaceId, terms.projectId)))
      throw notFound('project')
    return invitationQueries.insertInvitation(tx, {
      workspaceId,
      tokenHash: hashSecret(token),
      role: terms.role,
      projectId: terms.projectId ?? null,
      createdBy: actor.userId,
      expiresAt: new Date(deps.now().getTime() + terms.expiresInDays * DAY_MS),
      usesMax: terms.usesMax,
    })
  })
  return { invitation, token }
}

/** The newest 200 invitations of a workspace, those that are over included. */
export async function listInvitations(db: Database, actor: Actor, reference: string): Promise<InvitationRow[]> {
  const { id } = await requireWorkspace(db.instance, actor, reference, 'manage-invitations')
  return db.inWorkspace(id, (tx) => invitationQueries.listInvitations(tx, id), { readOnly: true })
}

/** Ends an invitation; whoever came by it stays. */
export async function revokeInvitation(
  db: Database,
  actor: Actor,
  reference: string,
  invitation: InvitationId,
): Promise<void> {
  const { id } = await requireWorkspace(db.instance, actor, reference, 'manage-invitations')
  const isThere = await db.inWorkspace(id, (tx) => invitationQueries.revokeInvitation(tx, id, invitation))
  if (!isThere) throw notFound('invitation')
}

/** What the holder of a link may know before accepting: workspace, project, role, and who invites. Refuses a link that is over. */
export async function previewInvitation({ db, now }: InvitationsDeps, token: string) {
  const found = await findOpen(db, token, now())
  const inviter = await accountQueries.findAccount(db.instance, found.createdBy)
  const { workspaceName, projectName, role, expiresAt } = found
  return { workspaceName, projectName, role, expiresAt, invitedBy: inviter?.name ?? 'a former member' }
}

/** Makes the actor a member. For somebody who is one already it changes and uses up nothing, and leads to the same place. */
export async function acceptInvitation(
  { db, now }: InvitationsDeps,
  actor: Actor,
  token: string,
): Promise<{ workspace: WorkspaceAccess; projectId: ProjectId | null }> {
  requireScope(actor, 'workspaces:write')
  if (actor.token?.workspaceId) {
    throw new Refusal('forbidden', 'This API token is made for one workspace and cannot join another.', {
      hint: 'Use a token for all workspaces, or open the link in the browser.',
    })
  }
  const found = await findOpen(db, token, now(), actor)
  await db.inWorkspace(found.workspaceId, async (tx) => {
    const isNew = await memberQueries.insertMember(tx, found.workspaceId, actor.userId, found.role)
    if (isNew && !(await invitationQueries.takeInvitation(tx, found.workspaceId, found.id))) throw refuseOver('used')
  })
  const workspace = await requireWorkspace(db.instance, actor, found.workspaceId, 'read-workspace')
  // The project may have been deleted since; the workspace is then the place to land.
  return { workspace, projectId: found.projectName === null ? null : found.projectId }
}

/** `open`, or why a link leads nowhere any more. */
export function invitationState(
  invitation: Pick<InvitationRow, 'revokedAt' | 'expiresAt' | 'uses' | 'usesMax'>,
  now: Date,
): 'open' | Over {
  if (invitation.revokedAt) return 'revoked'
  if (invitation.expiresAt <= now) return 'expired'
  return invitation.uses >= invitation.usesMax ? 'used' : 'open'
}

/** `guest` is whoever accepts: one who is a member already may use a link that is used up. */
async function findOpen(db: Database, token: string, now: Date, guest?: Actor): Promise<FoundInvitation> {
  const found = await invitationQueries.findInvitation(db.instance, hashSecret(token))
  if (!found) throw notFound('invitation')
  const { by, own } = await db.inWorkspace(
    found.workspaceId,
    async (tx) => ({
      by: await memberQueries.findMemberRole(tx, found.workspaceId, found.createdBy),
      own: guest ? await memberQueries.findMemberRole(tx, found.workspaceId, guest.userId) : null,
    }),
    { readOnly: true },
  )
  const state = by && mayInviteAs(by, found.role) ? invitationState(found, now) : 'revoked'
  if (state === 'open' || (state === 'used' && own)) return found
  throw refuseOver(state)
}

type Over = 'used' | 'expired' | 'revoked'

const OVER = {
  used: 'This invitation has been used.',
  expired: 'This invitation has expired.',
  revoked: 'This invitation was withdrawn.',
} as const satisfies Record<Over, string>

const refuseOver = (state: Over): Refusal =>
  new Refusal(`invitation-${state}`, OVER[state], { hint: 'Ask whoever sent it for a new link.' })
