/** Workspaces, their members and invitations, API tokens, and who is asking. */
import { z } from 'zod'
import { Role, Scope } from './actor.ts'
import { InvitationId, ProjectId, TokenId, WorkspaceId } from './id.ts'
import { Instant } from './page.ts'

const Name = z.string().trim().min(1, 'needs a name').max(80, 'is longer than 80 characters')

export const Workspace = z.object({
  id: WorkspaceId,
  slug: z.string(),
  name: z.string(),
  role: Role,
  personal: z.boolean(),
  createdAt: Instant,
})
export type Workspace = z.infer<typeof Workspace>
export const CreateWorkspace = z.object({ name: Name })
export const UpdateWorkspace = z.object({ name: Name })
/** Deleting a workspace cannot be undone, so it is asked for by name. */
export const DeleteWorkspace = z.object({ name: z.string() })

export const Member = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: Role,
  joinedAt: Instant,
})
export type Member = z.infer<typeof Member>
export const UpdateMember = z.object({ role: Role })

/** Nobody is invited as an owner: ownership is given to a member. */
export const InvitationRole = Role.exclude(['owner'])
export type InvitationRole = z.infer<typeof InvitationRole>
export const Invitation = z.object({
  id: InvitationId,
  role: InvitationRole,
  projectId: ProjectId.nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  uses: z.int(),
  usesMax: z.int(),
  state: z.enum(['open', 'used', 'expired', 'revoked']),
})
export type Invitation = z.infer<typeof Invitation>
/** A link is passed around: it is good for ten people unless said otherwise. */
export const CreateInvitation = z.object({
  role: InvitationRole.default('editor'),
  projectId: ProjectId.optional(),
  usesMax: z.int().min(1).max(100).default(10),
  expiresInDays: z.int().min(1).max(30).default(7),
})
/** What a client sends: everything may be left to its default. */
export type NewInvitation = z.input<typeof CreateInvitation>
/** The link is shown once: only its hash is kept. */
export const CreatedInvitation = Invitation.extend({ link: z.string(), token: z.string() })
export type CreatedInvitation = z.infer<typeof CreatedInvitation>
export const InvitationPreview = z.object({
  workspaceName: z.string(),
  projectName: z.string().nullable(),
  invitedBy: z.string(),
  role: InvitationRole,
  expiresAt: Instant,
})
export type InvitationPreview = z.infer<typeof InvitationPreview>
export const AcceptedInvitation = z.object({ workspace: Workspace, projectId: ProjectId.nullable() })
export type AcceptedInvitation = z.infer<typeof AcceptedInvitation>

export const ApiToken = z.object({
  id: TokenId,
  name: z.string(),
  hint: z.string(),
  scopes: z.array(Scope),
  workspaceId: WorkspaceId.nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>
export const CreateToken = z.object({
  name: Name,
  scopes: z.array(Scope).min(1).optional(),
  workspaceId: WorkspaceId.optional(),
  expiresAt: Instant.optional(),
})
export type CreateToken = z.infer<typeof CreateToken>
/** `token` is shown once. */
export const CreatedToken = ApiToken.extend({ token: z.string() })
export type CreatedToken = z.infer<typeof CreatedToken>

export const Me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  isInstanceAdmin: z.boolean(),
  workspaces: z.array(Workspace),
  /** Present when the request came with an API token. */
  token: z.object({ id: TokenId, scopes: z.array(Scope) }).optional(),
})
export type Me = z.infer<typeof Me>

/** What anybody may know of an instance before signing in. */
export const Instance = z.object({
  version: z.string(),
  publicUrl: z.string(),
  setupTokenRequired: z.boolean(),
  passwordLengthMin: z.int(),
  githubConfigured: z.boolean(),
})
export type Instance = z.infer<typeof Instance>
