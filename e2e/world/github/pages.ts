/**
 * The pages of GitHub that a browser comes through while an App is set up: making it from a manifest, installing it, and signing in through
 * it. As few elements as a person or a story needs, with GitHub's addresses, fields and redirects. The browser counts as signed in.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAppOf } from './app.ts'
import { createInstallation } from './control-world.ts'
import { now, type Repository, type World } from './state.ts'

interface Visit {
  world: World
  url: URL
  request: IncomingMessage
  response: ServerResponse
  parts: string[]
  form: URLSearchParams
}

interface Page {
  method: 'GET' | 'POST'
  pattern: RegExp
  show: (visit: Visit) => void
}

const pages: Page[] = [
  { method: 'POST', pattern: /^\/settings\/apps\/new$/, show: showManifest },
  { method: 'POST', pattern: /^\/organizations\/([^/]+)\/settings\/apps\/new$/, show: showManifest },
  { method: 'POST', pattern: /^\/settings\/apps$/, show: createApp },
  { method: 'GET', pattern: /^\/(?:apps|github-apps)\/([^/]+)$/, show: showApp },
  { method: 'GET', pattern: /^\/(?:apps|github-apps)\/([^/]+)\/installations\/new$/, show: showInstall },
  { method: 'POST', pattern: /^\/(?:apps|github-apps)\/([^/]+)\/installations$/, show: install },
  { method: 'GET', pattern: /^\/settings\/installations\/(\d+)$/, show: showInstallation },
  { method: 'GET', pattern: /^\/login\/oauth\/authorize$/, show: authorize },
  { method: 'POST', pattern: /^\/login\/oauth\/access_token$/, show: exchangeCode },
]

/** Answers when the address is one of GitHub's pages that are known here; false otherwise. */
export async function answerPageVisit(
  world: World,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const page = pages.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname))
  if (page === undefined) return false
  const parts = (page.pattern.exec(url.pathname)?.slice(1) ?? []).map((part) => decodeURIComponent(part ?? ''))
  const form = await readForm(request)
  page.show({ world, url, request, response, parts, form })
  return true
}

/** Forms, and JSON where GitHub takes it too. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  if (!/json/.test(request.headers['content-type'] ?? '')) return new URLSearchParams(text)
  return new URLSearchParams(JSON.parse(text) as Record<string, string>)
}

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function page({ response }: Visit, title: string, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
  response.end(
    `<!doctype html><html lang="en"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1>${body}</html>`,
  )
}

function redirect({ response }: Visit, target: string, query: Record<string, string | null>): void {
  const url = new URL(target)
  for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, value)
  response.writeHead(302, { location: url.href }).end()
}

const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`
const code = () => randomBytes(20).toString('hex')

/** The manifest comes in a form that a browser posts from the App's own page. */
function showManifest(visit: Visit): void {
  const { world, url, form, parts } = visit
  const owner = parts[0] ?? world.person.login
  const text = form.get('manifest') ?? ''
  try {
    if (!world.person.accounts.includes(owner)) throw new Error(`${owner} is not yours.`)
    const { name } = createAppOf(1, owner, JSON.parse(text) as Record<string, unknown>)
    const fields =
      hidden('manifest', text) + hidden('state', url.searchParams.get('state') ?? '') + hidden('owner', owner)
    const input = `<label>GitHub App name <input name="name" value="${escapeHtml(name)}"></label>`
    const button = `<button>Create GitHub App for ${escapeHtml(owner)}</button>`
    page(visit, 'Create GitHub App', `<form method="post" action="/settings/apps">${fields}${input}${button}</form>`)
  } catch (error) {
    page(visit, 'Invalid GitHub App configuration', `<p>${escapeHtml(String(error))}</p>`, 422)
  }
}

function createApp(visit: Visit): void {
  const { world, form } = visit
  const manifest = { ...(JSON.parse(form.get('manifest') ?? '{}') as Record<string, unknown>), name: form.get('name') }
  const one = code()
  world.codes.set(one, {
    kind: 'manifest',
    manifest,
    owner: form.get('owner') ?? '',
    expiresAt: now(world) + 3_600_000,
  })
  redirect(visit, String((manifest as { redirect_url?: string }).redirect_url), {
    code: one,
    state: form.get('state') || null,
  })
}

function isOfApp(visit: Visit): boolean {
  if (visit.parts[0] === visit.world.app.slug) return true
  page(visit, 'Page not found', '', 404)
  return false
}

function showApp(visit: Visit): void {
  if (!isOfApp(visit)) return
  const { app } = visit.world
  page(visit, app.name, `<a href="/apps/${app.slug}/installations/new">Install</a>`)
}

/** Which account, then all of its repositories or chosen ones. */
function showInstall(visit: Visit): void {
  if (!isOfApp(visit)) return
  const { world, url } = visit
  const account = url.searchParams.get('target')
  const state = url.searchParams.get('state') ?? ''
  if (account === null) {
    const links = world.person.accounts.map((name) => {
      const target = `?${new URLSearchParams({ target: name, ...(state === '' ? {} : { state }) })}`
      return `<li><a href="${escapeHtml(target)}">${escapeHtml(name)}</a></li>`
    })
    const question = '<p>Where do you want to install it?</p>'
    page(visit, `Install ${world.app.name}`, `${question}<ul>${links.join('')}</ul>`)
    return
  }
  const present = [...world.installations.values()].find((one) => one.account === account)
  const repositories = [...world.repositories.values()].filter(({ owner }) => owner === account)
  const choices = repositories.map(
    ({ id, name }) =>
      `<li><label><input type="checkbox" name="repository" value="${id}"${present?.repositoryIds.includes(id) ? ' checked' : ''}>${escapeHtml(name)}</label></li>`,
  )
  const radio = (value: string, label: string) =>
    `<label><input type="radio" name="selection" value="${value}"${value === 'selected' ? ' checked' : ''}>${label}</label>`
  page(
    visit,
    `Install & Authorize on ${account}`,
    `<form method="post" action="/apps/${world.app.slug}/installations">${hidden('account', account)}${hidden('state', state)}
     ${radio('all', 'All repositories')}${radio('selected', 'Only select repositories')}<ul>${choices.join('')}</ul>
     <button>${present === undefined ? 'Install' : 'Save'}</button></form>`,
  )
}

/** The permissions that the App asks for are granted with it. A second time changes what the installation reaches. */
function install(visit: Visit): void {
  if (!isOfApp(visit)) return
  const { world, form } = visit
  const account = form.get('account') ?? ''
  const selection = form.get('selection') === 'all' ? 'all' : 'selected'
  const chosen = form.getAll('repository').map(Number)
  const isOwn = (id: number) => (world.repositories.get(id) as Repository | undefined)?.owner === account
  const repositoryIds = selection === 'all' ? [] : chosen.filter(isOwn)
  const present = [...world.installations.values()].find((one) => one.account === account)
  if (present !== undefined) Object.assign(present, { selection, repositoryIds })
  const installation =
    present ??
    createInstallation(world, { account, selection, repositoryIds, permissions: { ...world.app.permissions } })
  const answer: Record<string, string | null> = {
    installation_id: String(installation.id),
    setup_action: present === undefined ? 'install' : 'update',
    state: form.get('state') || null,
  }
  const { asksUser, callbackUrls, setupUrl } = world.app
  if (asksUser && callbackUrls[0] !== undefined) redirect(visit, callbackUrls[0], { ...answer, code: userCode(world) })
  else if (setupUrl !== null) redirect(visit, setupUrl, answer)
  else redirect(visit, `${world.origin}/settings/installations/${installation.id}`, {})
}

function userCode(world: World): string {
  const one = code()
  world.codes.set(one, { kind: 'user', expiresAt: now(world) + 600_000 })
  return one
}

function showInstallation(visit: Visit): void {
  const installation = visit.world.installations.get(Number(visit.parts[0]))
  if (installation === undefined) page(visit, 'Page not found', '', 404)
  else page(visit, visit.world.app.name, `<p>Installed on ${escapeHtml(installation.account)}</p>`)
}

/** Authorized without a question, as for a person who has done it before. */
function authorize(visit: Visit): void {
  const { world, url } = visit
  const target = url.searchParams.get('redirect_uri') ?? world.app.callbackUrls[0]
  const isKnown = target !== undefined && world.app.callbackUrls.some((known) => target.startsWith(known))
  if (url.searchParams.get('client_id') !== world.app.clientId || !isKnown)
    page(visit, 'Be careful! The redirect_uri is not associated with this application.', '', 400)
  else redirect(visit, target, { code: userCode(world), state: url.searchParams.get('state') })
}

/** GitHub answers a wrong code with 200 and an error in the body. */
function exchangeCode(visit: Visit): void {
  const { world, form, request, response } = visit
  const answer = (body: Record<string, string>) => {
    const isJson = /json/.test(request.headers.accept ?? '')
    response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded' })
    response.end(isJson ? JSON.stringify(body) : new URLSearchParams(body).toString())
  }
  const isApp = form.get('client_id') === world.app.clientId && form.get('client_secret') === world.app.clientSecret
  if (!isApp) {
    const description = 'The client_id and/or client_secret passed are incorrect.'
    answer({ error: 'incorrect_client_credentials', error_description: description })
    return
  }
  const found = world.codes.get(form.get('code') ?? '')
  if (found?.kind !== 'user' || found.expiresAt <= now(world)) {
    const description = 'The code passed is incorrect or expired.'
    answer({ error: 'bad_verification_code', error_description: description })
    return
  }
  world.codes.delete(form.get('code') ?? '')
  const token = `ghu_${randomBytes(18).toString('hex')}`
  world.personTokens.add(token)
  answer({ access_token: token, token_type: 'bearer', scope: '' })
}
