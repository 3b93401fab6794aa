/** `/workspaces/{workspace}/github`: installations of the GitHub App, how they come to the workspace, and what they reach. */
import { createRoute, z } from '@hono/zod-openapi'
import { workspaceQueries } from '@skein/db'
import {
  ClaimGithubInstallation,
  CreateGithubRepository,
  GithubInstall,
  GithubInstallation,
  GithubRepositoryChoice,
  InstallGithub,
  listOf,
  PageQuery,
} from '@skein/protocol'
import { requireWorkspace } from '../commands/access.ts'
import {
  beginInstall,
  claimInstallation,
  continueInstall,
  type InstallDeps,
} from '../commands/github-app/install-app.ts'
import {
  createRepository,
  listInstallations,
  listRepositories,
  releaseInstallation,
} from '../commands/github-app/installations.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'
import { decodeCursor, encodeCursor } from './page-cursor.ts'

const tags = ['github']
const workspace = z.string().min(1).max(100)
const installation = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)
const inWorkspace = z.object({ workspace })
const ofInstallation = z.object({ workspace, installation })
const installations = answers(200, 'Installations', listOf(GithubInstallation))

const list = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}/github/installations',
  tags,
  summary: 'Installations of the GitHub App that the workspace has',
  request: { params: inWorkspace },
  responses: { ...installations, default: REFUSAL },
})
const install = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/github/install',
  tags,
  summary: 'Where to go on GitHub to install the App, or to show that an installation is one’s own',
  request: { params: inWorkspace, ...jsonBody(InstallGithub) },
  responses: { ...answers(200, 'A page of GitHub', GithubInstall), default: REFUSAL },
})
const claim = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/github/installations',
  tags,
  summary: 'Give an installation to the workspace; for the admin of the instance',
  request: { params: inWorkspace, ...jsonBody(ClaimGithubInstallation) },
  responses: { ...installations, default: REFUSAL },
})
const release = createRoute({
  method: 'delete',
  path: '/workspaces/{workspace}/github/installations/{installation}',
  tags,
  summary: 'Take an installation out of the workspace; on GitHub it stays',
  request: { params: ofInstallation },
  responses: { ...installations, default: REFUSAL },
})
const repositories = createRoute({
  method: 'get',
  path: '/workspaces/{workspace}/github/installations/{installation}/repositories',
  tags,
  summary: 'Repositories that the installation reaches; a page may be short and have another one after it',
  request: { params: ofInstallation, query: PageQuery.extend({ q: z.string().max(100).default('') }) },
  responses: { ...answers(200, 'Repositories', listOf(GithubRepositoryChoice)), default: REFUSAL },
})
const create = createRoute({
  method: 'post',
  path: '/workspaces/{workspace}/github/installations/{installation}/repositories',
  tags,
  summary: 'Make an empty repository in the organisation of the installation',
  request: { params: ofInstallation, ...jsonBody(CreateGithubRepository) },
  responses: { ...answers(201, 'The repository', GithubRepositoryChoice), default: REFUSAL },
})
const installed = createRoute({
  method: 'get',
  path: '/github/installed',
  tags,
  summary: 'Where GitHub sends the browser when the App was installed, or somebody has shown who they are',
  request: {
    query: z.object({
      state: z.string().max(200).optional(),
      code: z
        .string()
        .regex(/^[\w-]{1,200}$/)
        .optional(),
      installation_id: installation.optional(),
      setup_action: z.string().max(40).optional(),
    }),
  },
  responses: { 302: { description: 'To the page of the workspace, or once more to GitHub' }, default: REFUSAL },
})

/** Routes of installations. */
export function githubInstallationRoutes(deps: InstallDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const { workspaceId } = await requireWorkspace(
      db.instance,
      c.get('actor'),
      c.req.valid('param').workspace,
      'link-github',
    )
    return c.json({ items: await listInstallations(deps, workspaceId, c.req.raw.signal) }, 200)
  })
  routes.openapi(install, async (c) => {
    const actor = c.get('actor')
    const { workspaceId } = await requireWorkspace(db.instance, actor, c.req.valid('param').workspace, 'link-github')
    const { installationId = null } = c.req.valid('json')
    return c.json({ url: await beginInstall(deps, workspaceId, actor, installationId, c.req.raw.signal) }, 200)
  })
  routes.openapi(claim, async (c) => {
    const actor = c.get('actor')
    const { workspaceId } = await requireWorkspace(db.instance, actor, c.req.valid('param').workspace, 'link-github')
    const { installationId } = c.req.valid('json')
    await claimInstallation(deps, workspaceId, actor, installationId, c.req.raw.signal)
    return c.json({ items: await listInstallations(deps, workspaceId, c.req.raw.signal) }, 200)
  })
  routes.openapi(release, async (c) => {
    const { workspace: reference, installation: id } = c.req.valid('param')
    const { workspaceId } = await requireWorkspace(db.instance, c.get('actor'), reference, 'link-github')
    await releaseInstallation(deps, workspaceId, id)
    return c.json({ items: await listInstallations(deps, workspaceId, c.req.raw.signal) }, 200)
  })
  addRepositoryRoutes(routes, deps)
  routes.openapi(installed, async (c) => {
    const { state, code, installation_id: installationId, setup_action: setupAction } = c.req.valid('query')
    // Installed from GitHub's own pages: nobody here has asked for it, so it belongs to no workspace yet.
    if (state === undefined) {
      return c.redirect(
        `/?github=installed${installationId === undefined ? '' : `&installation=${installationId}`}`,
        302,
      )
    }
    const given = { state, code, installationId, setupAction }
    const step = await continueInstall(deps, c.get('actor'), given, c.req.raw.signal)
    if (step.next === 'prove') return c.redirect(step.url, 302)
    const found = await workspaceQueries.findWorkspaceOf(db.instance, c.get('actor').userId, step.workspaceId)
    return c.redirect(`/w/${encodeURIComponent(found?.slug ?? '')}/settings?github=${step.next}`, 302)
  })
  return routes
}

function addRepositoryRoutes(routes: ApiRoutes, deps: InstallDeps): void {
  const { db } = deps
  routes.openapi(repositories, async (c) => {
    const { workspace: reference, installation: installationId } = c.req.valid('param')
    const { workspaceId } = await requireWorkspace(db.instance, c.get('actor'), reference, 'link-github')
    const { q, cursor, limit } = c.req.valid('query')
    const place = decodeCursor(cursor, z.tuple([z.int().min(1).max(10_000), z.int().min(0).max(100)]))
    const from = { page: place?.[0] ?? 1, skip: place?.[1] ?? 0 }
    const asked = { installationId, query: q.trim(), from, limit }
    const { items, next } = await listRepositories(deps, workspaceId, asked, c.req.raw.signal)
    return c.json({ items, ...(next && { nextCursor: encodeCursor([next.page, next.skip]) }) }, 200)
  })
  routes.openapi(create, async (c) => {
    const { workspace: reference, installation: id } = c.req.valid('param')
    const { workspaceId } = await requireWorkspace(db.instance, c.get('actor'), reference, 'link-github')
    return c.json(await createRepository(deps, workspaceId, id, c.req.valid('json'), c.req.raw.signal), 201)
  })
}
