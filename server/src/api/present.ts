/** From rows to the shapes of the API, for accounts and tenancy. */
import type { invitationQueries, memberQueries, tokenQueries, workspaceQueries } from '@skein/db'
import type { ApiToken, Invitation, Member, Workspace } from '@skein/protocol'
import { invitationState } from '../commands/invitations/invitations.ts'

export const toWorkspace = ({
  id,
  slug,
  name,
  role,
  personal,
  createdAt,
}: workspaceQueries.WorkspaceRow): Workspace => ({
  id,
  slug,
  name,
  role,
  personal,
  createdAt: createdAt.toISOString(),
})

export const toMember = ({ joinedAt, ...member }: memberQueries.MemberRow): Member => ({
  ...member,
  joinedAt: joinedAt.toISOString(),
})

export const toInvitation = (row: invitationQueries.InvitationRow, now: Date): Invitation => ({
  id: row.id,
  role: row.role,
  projectId: row.projectId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  uses: row.uses,
  usesMax: row.usesMax,
  state: invitationState(row, now),
})

export const toApiToken = ({ createdAt, expiresAt, lastUsedAt, ...token }: tokenQueries.TokenRow): ApiToken => ({
  ...token,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})
