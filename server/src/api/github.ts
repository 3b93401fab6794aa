/** `/projects/{project}/github`: the link to a GitHub repository, where it stands, and what people do with it. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  GithubStatus,
  LinkGithub,
  ProjectReference,
  SyncAll,
  SyncedAll,
  UpdateGithub,
  WorkspaceReference,
} from '@skein/protocol'
import { requireProject, requireWorkspace } from '../commands/access.ts'
import { requestSync, requestSyncOfAll, startPullRequest, updateLink } from '../commands/github/change-link.ts'
import { type LinkDeps, linkProject, unlinkProject } from '../commands/github/link-project.ts'
import { readGithubStatus } from '../commands/github/read-status.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'

const tags = ['github']
const params = z.object({ project: ProjectReference })
const standing = { ...answers(200, 'Where the project stands with GitHub', GithubStatus), default: REFUSAL }

const link = createRoute({
  method: 'post',
  path: '/projects/{project}/github/link',
  tags,
  summary: 'Link the project to a repository, and bring both together; the same one as before takes up where it was',
  request: { params, ...jsonBody(LinkGithub) },
  responses: standing,
})
const unlink = createRoute({
  method: 'delete',
  path: '/projects/{project}/github/link',
  tags,
  summary: 'Take the link away; nothing changes on GitHub',
  request: { params },
  responses: standing,
})
const update = createRoute({
  method: 'patch',
  path: '/projects/{project}/github',
  tags,
  summary: 'Change how the project is synced: mode, overlaps, branch, or pause it',
  request: { params, ...jsonBody(UpdateGithub) },
  responses: standing,
})
const status = createRoute({
  method: 'get',
  path: '/projects/{project}/github/status',
  tags,
  summary: 'Whether GitHub has the last commit, and if not, why',
  request: { params },
  responses: standing,
})
const sync = createRoute({
  method: 'post',
  path: '/projects/{project}/github/sync',
  tags,
  summary: 'Look and push now, also when it was held',
  request: { params },
  responses: standing,
})
const pullRequest = createRoute({
  method: 'post',
  path: '/projects/{project}/github/pull-request',
  tags,
  summary: 'Ask with a new pull request, after the last one was closed',
  request: { params },
  responses: standing,
})
const syncAll = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/github/sync',
  tags,
  summary: 'Look and push now in all linked projects of the workspace, or in those that failed or are held',
  request: { params: z.object({ workspace: WorkspaceReference }), ...jsonBody(SyncAll) },
  responses: { ...answers(200, 'How many projects were asked', SyncedAll), default: REFUSAL },
})

/** Routes of the link to GitHub; the list of operations is a module of its own. */
export function githubRoutes(deps: LinkDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(link, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'link-github')
    return c.json(await linkProject(deps, access, c.get('actor'), c.req.valid('json')), 200)
  })
  routes.openapi(unlink, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'link-github')
    return c.json(await unlinkProject(deps, access), 200)
  })
  routes.openapi(update, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'link-github')
    return c.json(await updateLink(deps, access, c.get('actor'), c.req.valid('json')), 200)
  })
  routes.openapi(status, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const found = await db.inWorkspace(access.workspaceId, (tx) => readGithubStatus(tx, access.projectId), {
      readOnly: true,
    })
    return c.json(found, 200)
  })
  routes.openapi(sync, async (c) => {
    const { project } = c.req.valid('param')
    return c.json(await requestSync(deps, await requireProject(db.instance, c.get('actor'), project, 'commit')), 200)
  })
  routes.openapi(pullRequest, async (c) => {
    const { project } = c.req.valid('param')
    const access = await requireProject(db.instance, c.get('actor'), project, 'commit')
    return c.json(await startPullRequest(deps, access), 200)
  })
  routes.openapi(syncAll, async (c) => {
    const { workspace } = c.req.valid('param')
    const { id } = await requireWorkspace(db.instance, c.get('actor'), workspace, 'link-github')
    return c.json({ projects: await requestSyncOfAll(deps, id, c.req.valid('json').state) }, 200)
  })
  return routes
}
