/** `/admin/github/app` and the way back from GitHub's form: the GitHub App of this instance, for its admin. */
import { createRoute, z } from '@hono/zod-openapi'
import { GithubAppStatus, GithubManifest, MakeGithubApp, RemoveGithubApp } from '@skein/protocol'
import { type AppStatusDeps, readAppStatus } from '../commands/github-app/app-status.ts'
import { requireInstanceAdmin } from '../commands/github-app/instance-admin.ts'
import { beginApp, finishApp, type MakeAppDeps, removeApp } from '../commands/github-app/make-app.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'

const tags = ['admin']

/** The page of the admin; what came of it stands in its address. */
const adminPage = '/admin/github'

const status = createRoute({
  method: 'get',
  path: '/admin/github/app',
  tags,
  summary: 'The GitHub App of this instance, and how its webhook does',
  responses: { ...answers(200, 'How it stands', GithubAppStatus), default: REFUSAL },
})
const begin = createRoute({
  method: 'post',
  path: '/admin/github/app/manifest',
  tags,
  summary: 'What to post to GitHub, in the browser, to make the App',
  request: jsonBody(MakeGithubApp),
  responses: { ...answers(200, 'A form', GithubManifest), default: REFUSAL },
})
const remove = createRoute({
  method: 'delete',
  path: '/admin/github/app',
  tags,
  summary: 'Forget the App that was made here; its name is typed',
  request: jsonBody(RemoveGithubApp),
  responses: { ...answers(200, 'How it stands', GithubAppStatus), default: REFUSAL },
})
const created = createRoute({
  method: 'get',
  path: '/github/app/created',
  tags,
  summary: 'Where GitHub sends the browser when the App was made',
  request: { query: z.object({ code: z.string().regex(/^[\w-]{1,200}$/), state: z.string().min(1).max(200) }) },
  responses: { 302: { description: 'To the page of the admin' }, default: REFUSAL },
})

/** Routes of the App; every one is the instance admin's, in person. */
export function githubAppRoutes(deps: MakeAppDeps & AppStatusDeps): ApiRoutes {
  const { db } = deps
  const routes = newRoutes()
  routes.openapi(status, async (c) => {
    await requireInstanceAdmin(db.instance, c.get('actor'))
    return c.json(await readAppStatus(deps, c.req.raw.signal), 200)
  })
  routes.openapi(begin, async (c) => c.json(await beginApp(deps, c.get('actor'), c.req.valid('json')), 200))
  routes.openapi(remove, async (c) => {
    await removeApp(deps, c.get('actor'), c.req.valid('json').name)
    return c.json(await readAppStatus(deps, c.req.raw.signal), 200)
  })
  routes.openapi(created, async (c) => {
    await finishApp(deps, c.get('actor'), c.req.valid('query'), c.req.raw.signal)
    return c.redirect(`${adminPage}?github=created`, 302)
  })
  return routes
}
