/**
 * The first wall between tenants: every route, as the router itself lists them, called by somebody who is no member with the ids of a tenant.
 * The cases stand in `api/cross-tenant.cases.ts`; the second wall, row-level security, is tried in `db/src/cross-tenant.pg.test.ts`.
 */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { createTestDatabase, ghostTenant, idsOf, listTables, rowsMentioning, seedProject } from '@skein/db/testing'
import { SCOPES, type WorkspaceId } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { CONSTANTS, type Ids, PARAMS, ROUTE_CASES, type RouteCase } from './api/cross-tenant.cases.ts'
import type { ApiEnv } from './api/env.ts'
import { type Answer, Browser, withToken } from './api/testing/browser.ts'
import { type Denial, SocketIdentity } from './collab/authentication.ts'
import { Reception } from './collab/reception.ts'
import { createTestContext } from './testing/context.ts'

const { database, ask } = await createTestDatabase()
const { context, dataDir } = await createTestContext(database)
afterAll(() => rm(dataDir, { recursive: true, force: true }))
const app = context.api as OpenAPIHono<ApiEnv>
const origin = 'http://localhost:3000'

/** Signs somebody up and fills their workspace. */
async function settle(name: string): Promise<{ browser: Browser; ids: Ids }> {
  const browser = new Browser(app, origin)
  const email = `${name}@example.org`
  const { body } = await browser.post('/api/auth/sign-up/email', { name, email, password: 'correct horse battery' })
  const { id: workspace, slug } = body.workspace
  return { browser, ids: await fill({ user: body.user.id, email, workspace, slug }) }
}

async function fill(owner: Parameters<typeof seedProject>[1]): Promise<Ids> {
  const tenant = await seedProject(ask, owner)
  const sessions = await ask<{ token: string }>('select token from auth."session" where "userId" = $1', [owner.user])
  return {
    ...tenant,
    projectReference: tenant.project,
    workspaceReference: tenant.workspace,
    sessionToken: sessions[0]?.token ?? '',
  }
}

const ana = await settle('ana')
const ben = await settle('ben')

/** The tenant by id, and the same by the names in its addresses. */
const bySlug = (of: Ids): Ids => ({
  ...of,
  projectReference: `${of.slug}%2F${of.projectSlug}`,
  workspaceReference: of.slug,
})
const asGhost = (of: Ids): Ids => {
  const ghost = ghostTenant(of)
  return {
    ...of,
    ...ghost,
    projectReference: ghost.project,
    workspaceReference: ghost.workspace,
    sessionToken: 'x'.repeat(32),
  }
}
const tenants = [
  { how: 'by id', tenant: ana.ids, ghost: asGhost(ana.ids) },
  { how: 'by slug', tenant: bySlug(ana.ids), ghost: bySlug(asGhost(ana.ids)) },
]

type Send = (
  method: string,
  path: string,
  body?: unknown,
  options?: { headers?: Record<string, string> },
) => Promise<Answer>
const { body: made } = await ben.browser.post('/api/v1/tokens', { name: 'ben', scopes: SCOPES })
const IN_BROWSER = 'in a browser'
const callers: Record<string, Send> = {
  [IN_BROWSER]: (method, path, body, options) => ben.browser.request(method, path, body, options),
  'with an API token': withToken(app, made.token, origin),
}

const routes = [
  ...new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)),
].sort()
const tables = await listTables(ask)
const picture = (): Promise<string[]> =>
  rowsMentioning({ query: (text, values) => ask(text, values) }, tables, idsOf(ana.ids))

/** The parts of a route's request that ids can stand in: its path parameters, and its body when that has some. */
function slotsOf(path: string, one: RouteCase): string[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name).filter((name) => !(name in CONSTANTS))
  return typeof one.body === 'function' ? [...names, 'body'] : names
}

/** Every way to put at least one foreign id among one's own. */
const mixtures = (slots: string[]): Set<string>[] =>
  Array.from({ length: 2 ** slots.length - 1 }, (_, i) => new Set(slots.filter((_, bit) => ((i + 1) >> bit) & 1)))

function call(send: Send, route: string, one: RouteCase, of: (slot: string) => Ids): Promise<Answer> {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/:(\w+)(\{[^}]*\})?/g, (_, name: string) => {
    const constant = CONSTANTS[name]
    if (constant !== undefined) return constant
    const value = one.params?.[name] ?? PARAMS[name]
    if (!value) throw new Error(`The path parameter ${name} of ${route} is neither in PARAMS nor in CONSTANTS`)
    return value(of(name))
  })
  const body = typeof one.body === 'function' ? one.body(of('body')) : one.body
  return send(method, path, body, one.headers ? { headers: one.headers } : {})
}

test('every route of the router has a case, and every case a route', () => {
  expect(Object.keys(ROUTE_CASES).sort()).toEqual(routes)
})

const tried = routes.filter((route) => ROUTE_CASES[route] && !ROUTE_CASES[route].skip)

describe.each(Object.entries(callers))('a stranger %s', (how, send) => {
  test.each(tried.filter((route) => how === IN_BROWSER || !ROUTE_CASES[route]?.browserOnly))('%s', async (route) => {
    const one = ROUTE_CASES[route] ?? {}
    const before = await picture()
    if (one.own) {
      const answer = await call(send, route, one, () => ben.ids)
      expect(answer.status).toBeLessThan(300)
      const text = JSON.stringify(answer.body)
      for (const id of [...idsOf(ana.ids), ana.ids.email, ana.ids.sessionToken]) expect(text).not.toContain(id)
    } else {
      const slots = slotsOf(route, one)
      expect(slots, 'the route takes ids, or its case says that it answers about the caller').not.toEqual([])
      for (const foreign of mixtures(slots)) {
        for (const { how, tenant, ghost } of tenants) {
          const about = `${[...foreign].join(' and ')} ${how}`
          const real = await call(send, route, one, (slot) => (foreign.has(slot) ? tenant : ben.ids))
          const none = await call(send, route, one, (slot) => (foreign.has(slot) ? ghost : ben.ids))
          expect({ about, status: real.status, body: real.body }).toEqual({
            about,
            status: none.status,
            body: none.body,
          })
          expect({ about, status: real.status }).toEqual({ about, status: one.status ?? 404 })
        }
      }
    }
    expect(await picture()).toEqual(before)
  })
})

/** Another workspace of the tenant's person. */
async function openWorkspace(): Promise<Ids> {
  const workspace = randomUUID() as WorkspaceId
  const slug = `w-${workspace.slice(0, 8)}`
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspace, slug])
  await ask(`insert into workspace_member (workspace_id, user_id, role) values ($1, $2, 'owner')`, [
    workspace,
    ana.ids.user,
  ])
  return fill({ user: ana.ids.user, email: ana.ids.email, workspace, slug })
}

const byAna: Send = (method, path, body, options) => ana.browser.request(method, path, body, options)

describe('a program of the tenant’s own person, with a token for another workspace', async () => {
  const other = await openWorkspace()
  const { body } = await ana.browser.post('/api/v1/tokens', {
    name: 'bound',
    scopes: SCOPES,
    workspaceId: other.workspace,
  })
  const send = withToken(app, body.token, origin)

  test.each(tried.filter((route) => /:(workspace|project|job)\b|tickets/.test(route)))('%s', async (route) => {
    const one = ROUTE_CASES[route] ?? {}
    for (const { how, tenant, ghost } of tenants) {
      const real = await call(send, route, one, () => tenant)
      const none = await call(send, route, one, () => ghost)
      expect({ how, status: real.status, body: real.body }).toEqual({ how, status: 404, body: none.body })
    }
  })
})

describe('a socket', () => {
  const outcome = (token: string, document: string): Promise<unknown> =>
    new SocketIdentity(new Reception(database, () => new Date()), () => new Date(), {
      version: () => 0,
      keep: async () => true,
    })
      .admit(token, document)
      .then(
        () => 'admitted',
        (denial: Denial) => denial.reason,
      )

  test('opens no document of a stranger, with a token or a ticket, and does not tell whether there is one', async () => {
    const ticket = async () => (await ben.browser.post('/api/v1/collab/tickets')).body.ticket as string
    expect(await outcome(made.token, ben.ids.document)).toBe('admitted')
    for (const document of [ana.ids.document, ghostTenant(ana.ids).document]) {
      expect(await outcome(made.token, document)).toBe('not-found')
      expect(await outcome(await ticket(), document)).toBe('not-found')
    }
  })

  test('a ticket for one project opens no other one of the same person', async () => {
    const other = await openWorkspace()
    const { body } = await ana.browser.post('/api/v1/collab/tickets', { project: other.project })
    expect(await outcome(body.ticket, ana.ids.document)).toBe('not-found')
  })
})

describe('a Git client', async () => {
  const server = createServer((request, response) => void context.git.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const { port } = server.address() as AddressInfo
  const { body } = await ana.browser.post('/api/v1/tokens', { name: 'git' })

  const knock = async (token: string, path: string, service: string) => {
    const authorization = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`
    const answer = await fetch(`http://127.0.0.1:${port}/git/${path}.git/info/refs?service=${service}`, {
      headers: { authorization },
    })
    return { status: answer.status, text: await answer.text() }
  }

  test.each(['git-upload-pack', 'git-receive-pack'])(
    '%s finds no repository of a stranger, however it is named',
    async (service) => {
      const [real, ghost] = [ana.ids, asGhost(ana.ids)]
      const ways: [real: string, ghost: string][] = [
        [`${real.slug}/${real.projectSlug}`, `${ghost.slug}/${ghost.projectSlug}`],
        [`${real.workspace}/${real.projectSlug}`, `${ghost.workspace}/${ghost.projectSlug}`],
        [`${real.slug}/${real.project}`, `${ghost.slug}/${ghost.project}`],
        [`${ben.ids.slug}/${real.project}`, `${ben.ids.slug}/${ghost.project}`],
      ]
      for (const [one, none] of ways) {
        const answer = await knock(made.token, one, service)
        expect(answer.status).toBe(404)
        expect(answer).toEqual(await knock(made.token, none, service))
        expect((await knock(body.token, one, service)).status).not.toBe(404)
      }
    },
  )
})

describe('control: the tenant itself, with the same requests on a workspace of its own', () => {
  test.each(tried.filter((route) => !ROUTE_CASES[route]?.own))('%s finds what it names', async (route) => {
    const ids = await openWorkspace()
    for (const named of [ids, bySlug(ids)]) {
      const answer = await call(byAna, route, ROUTE_CASES[route] ?? {}, () => named)
      expect(answer.status, JSON.stringify(answer.body)).not.toBe(404)
      if (route.startsWith('DELETE')) break
    }
  })
})
