/** `/workspaces/{workspace}/members`: who is in a workspace, and as what. */
import { createRoute, z } from '@hono/zod-openapi'
import { listOf, Member, UpdateMember, UserId, WorkspaceReference } from '@skein/protocol'
import { changeMemberRole, listMembers, type MembersDeps, removeMember } from '../commands/workspaces/members.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { toMember } from './present.ts'

const tags = ['members']
const params = z.object({ workspace: WorkspaceReference })
const memberParams = params.extend({ member: UserId })

const list = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}/members',
  tags,
  summary: 'All members, in the order in which they joined',
  request: { params },
  responses: { ...answers(200, 'Members', listOf(Member)), default: REFUSAL },
})
const update = createRoute({
  method: 'patch',
  path: '/workspaces/{workspace}/members/{member}',
  tags,
  summary: 'Give a member another role',
  request: { params: memberParams, ...jsonBody(UpdateMember) },
  responses: { ...answers(200, 'The member', Member), default: REFUSAL },
})
const remove = createRoute({
  method: 'delete',
  path: '/workspaces/{workspace}/members/{member}',
  tags,
  summary: 'Remove a member, or leave the workspace yourself',
  request: { params: memberParams },
  responses: { 204: { description: 'Removed' }, default: REFUSAL },
})

/** Routes of members. */
export function memberRoutes(deps: MembersDeps): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const members = await listMembers(deps.db, c.get('actor'), c.req.valid('param').workspace)
    return c.json({ items: members.map(toMember) }, 200)
  })
  routes.openapi(update, async (c) => {
    const { workspace, member } = c.req.valid('param')
    return c.json(
      toMember(await changeMemberRole(deps, c.get('actor'), workspace, member, c.req.valid('json').role)),
      200,
    )
  })
  routes.openapi(remove, async (c) => {
    const { workspace, member } = c.req.valid('param')
    await removeMember(deps, c.get('actor'), workspace, member)
    return c.body(null, 204)
  })
  return routes
}
