/** Invitations by link: managed below their workspace, seen and accepted by whoever holds the link. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  AcceptedInvitation,
  CreatedInvitation,
  CreateInvitation,
  Invitation,
  InvitationId,
  InvitationPreview,
  listOf,
  WorkspaceReference,
} from '@skein/protocol'
import {
  acceptInvitation,
  createInvitation,
  type InvitationsDeps,
  listInvitations,
  previewInvitation,
  revokeInvitation,
} from '../commands/invitations/invitations.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { toInvitation, toWorkspace } from './present.ts'

const tags = ['invitations']
const params = z.object({ workspace: WorkspaceReference })
const linkParams = z.object({ token: z.string().min(1).max(100) })

const list = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}/invitations',
  tags,
  summary: 'The newest 200 invitations, those that are over included',
  request: { params },
  responses: { ...answers(200, 'Invitations', listOf(Invitation)), default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/invitations',
  tags,
  summary: 'Make an invitation; its link is shown once',
  request: { params, ...jsonBody(CreateInvitation) },
  responses: { ...answers(201, 'The invitation with its link', CreatedInvitation), default: REFUSAL },
})
const revoke = createRoute({
  method: 'delete',
  path: '/workspaces/{workspace}/invitations/{invitation}',
  tags,
  summary: 'Withdraw an invitation; whoever came by it stays',
  request: { params: params.extend({ invitation: InvitationId }) },
  responses: { 204: { description: 'Withdrawn' }, default: REFUSAL },
})
const preview = createRoute({
  method: 'get',
  path: '/invitations/{token}',
  tags,
  summary: 'What a link leads to, before accepting',
  security: [],
  request: { params: linkParams },
  responses: { ...answers(200, 'The invitation', InvitationPreview), default: REFUSAL },
})
const accept = createRoute({
  method: 'post',
  path: '/invitations/{token}/accept',
  tags,
  summary: 'Become a member; for one who is already, it changes nothing',
  request: { params: linkParams },
  responses: { ...answers(200, 'Where to land', AcceptedInvitation), default: REFUSAL },
})

export interface InvitationRoutesDeps extends InvitationsDeps {
  publicUrl: string
}

/** Routes for members and for signed-in holders of a link. */
export function invitationRoutes(deps: InvitationRoutesDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const rows = await listInvitations(deps.db, c.get('actor'), c.req.valid('param').workspace)
    return c.json({ items: rows.map((row) => toInvitation(row, deps.now())) }, 200)
  })
  routes.openapi(create, async (c) => {
    const { invitation, token } = await createInvitation(
      deps,
      c.get('actor'),
      c.req.valid('param').workspace,
      c.req.valid('json'),
    )
    const link = new URL(`/invitations/${token}`, deps.publicUrl).href
    return c.json({ ...toInvitation(invitation, deps.now()), link, token }, 201)
  })
  routes.openapi(revoke, async (c) => {
    const { workspace, invitation } = c.req.valid('param')
    await revokeInvitation(deps.db, c.get('actor'), workspace, invitation)
    return c.body(null, 204)
  })
  routes.openapi(accept, async (c) => {
    const { workspace, projectId } = await acceptInvitation(deps, c.get('actor'), c.req.valid('param').token)
    return c.json({ workspace: toWorkspace(workspace), projectId }, 200)
  })
  return routes
}

/** The preview of a link, open to whoever holds it. */
export function invitationPreviewRoutes(deps: InvitationsDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(preview, async (c) => {
    const { expiresAt, ...rest } = await previewInvitation(deps, c.req.valid('param').token)
    return c.json({ ...rest, expiresAt: expiresAt.toISOString() }, 200)
  })
  return routes
}
