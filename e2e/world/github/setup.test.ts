import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { everyPermission, type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let visitor: Visitor
beforeAll(async () => {
  visitor = await visitGithub()
})
afterAll(() => visitor.end())

const submit = (path: string, fields: Record<string, string> | [string, string][]) =>
  fetch(`${visitor.github.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const readHtml = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')

test('an App is made from a manifest, installed, and answers with its own key', async () => {
  const { github } = visitor
  const manifest = JSON.stringify({
    name: 'Skein & friends',
    url: 'https://skein.example.org',
    redirect_url: 'https://skein.example.org/made',
    setup_url: 'https://skein.example.org/setup',
    callback_urls: ['https://skein.example.org/callback'],
    hook_attributes: { url: 'http://127.0.0.1:9/hook' },
    default_permissions: { contents: 'write', pull_requests: 'write' },
    default_events: ['push'],
  })
  const shown = await (await submit('/organizations/acme/settings/apps/new?state=abc', { manifest })).text()
  expect(shown).toContain('Create GitHub App for acme')
  const field = readHtml(/name="manifest" value="([^"]*)"/.exec(shown)?.[1] ?? '')
  const made = await submit('/settings/apps', { manifest: field, name: 'Skein two', owner: 'acme', state: 'abc' })
  const back = new URL(made.headers.get('location') ?? '')
  expect([back.origin, back.pathname, back.searchParams.get('state')]).toEqual([
    'https://skein.example.org',
    '/made',
    'abc',
  ])
  const code = back.searchParams.get('code') ?? ''
  const converted = await visitor.api('POST', `/app-manifests/${code}/conversions`, null)
  const app = JSON.parse(converted.text)
  expect(app).toMatchObject({ slug: 'skein-two', name: 'Skein two', owner: { login: 'acme' }, events: ['push'] })
  expect((await visitor.api('POST', `/app-manifests/${code}/conversions`, null)).status).toBe(404)
  const seen = await visitor.api('GET', '/app', visitor.jwt({ iss: app.client_id }, app.pem))
  expect(JSON.parse(seen.text)).toMatchObject({ id: app.id })

  const repository = await github.createRepository({ name: 'chosen' })
  const page = `/apps/skein-two/installations/new?state=xyz`
  expect(await (await fetch(`${github.url}${page}`)).text()).toContain('>acme</a>')
  expect(await (await fetch(`${github.url}${page}&target=acme`)).text()).toContain('chosen')
  const fields: [string, string][] = [
    ['account', 'acme'],
    ['selection', 'selected'],
    ['repository', String(repository.id)],
    ['state', 'xyz'],
  ]
  const target = new URL((await submit('/apps/skein-two/installations', fields)).headers.get('location') ?? '')
  expect([target.pathname, target.searchParams.get('setup_action'), target.searchParams.get('state')]).toEqual([
    '/setup',
    'install',
    'xyz',
  ])
  const listed = await visitor.api('GET', '/app/installations', visitor.jwt({ iss: app.id }, app.pem))
  const id = Number(target.searchParams.get('installation_id'))
  expect(JSON.parse(listed.text)).toMatchObject([{ id, account: { login: 'acme', type: 'Organization' } }])
})

test('a manifest that GitHub would not take is told', async () => {
  const answer = await submit('/settings/apps/new', { manifest: JSON.stringify({ name: 'x' }) })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('Url must be a valid URL')
  const manifest = {
    name: 'x',
    url: 'https://skein.example.org',
    redirect_url: 'https://skein.example.org/made',
    hook_attributes: { url: 'https://skein.example.org/hook' },
    default_events: ['push', 'installation'],
  }
  const refused = await submit('/settings/apps/new', { manifest: JSON.stringify(manifest) })
  expect(await refused.text()).toContain('Default events unsupported: push, installation')
})

test('a person signs in by a code that is good once, and sees the installations of their accounts', async () => {
  const { github } = visitor
  const { clientId, clientSecret } = await github.control<{ clientId: string; clientSecret: string }>('GET', 'app')
  await github.changeApp({ callbackUrls: ['https://skein.example.org/callback'] })
  const query = new URLSearchParams({ client_id: clientId, state: 's' })
  const asked = await fetch(`${github.url}/login/oauth/authorize?${query}`, { redirect: 'manual' })
  const code = new URL(asked.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const exchange = async (secret: string) => {
    const body = new URLSearchParams({ client_id: clientId, client_secret: secret, code })
    const headers = { accept: 'application/json' }
    return (await fetch(`${github.url}/login/oauth/access_token`, { method: 'POST', headers, body })).json()
  }
  expect(await exchange('wrong')).toMatchObject({ error: 'incorrect_client_credentials' })
  const { access_token: token } = (await exchange(clientSecret)) as { access_token: string }
  expect(token).toMatch(/^ghu_/)
  expect(await exchange(clientSecret)).toMatchObject({ error: 'bad_verification_code' })
  await github.createInstallation({ account: 'strangers' })
  const listed = JSON.parse((await visitor.api('GET', '/user/installations', token)).text)
  expect(listed.installations.map(({ account }: { account: { login: string } }) => account.login)).toEqual(['acme'])
})

test('a repository is made in an organization, and the installation reaches it at once', async () => {
  const { github } = visitor
  const { appId, privateKey } = await github.control<{ appId: number; privateKey: string }>('GET', 'app')
  const jwt = visitor.jwt({ iss: appId }, privateKey)
  const installation = await github.createInstallation({ permissions: everyPermission })
  const minted = await visitor.api('POST', `/app/installations/${installation.id}/access_tokens`, jwt, {})
  const { token } = JSON.parse(minted.text) as { token: string }
  const made = await visitor.api('POST', '/orgs/acme/repos', token, { name: 'fresh', private: true })
  expect([made.status, JSON.parse(made.text)]).toMatchObject([201, { full_name: 'acme/fresh', size: 0 }])
  for (let number = 1; number <= 4; number += 1)
    await github.createRepository({ name: `page-${number}`, installationId: installation.id })
  const page = await visitor.api('GET', '/installation/repositories?per_page=2&page=2', token)
  expect(JSON.parse(page.text)).toMatchObject({ total_count: 5, repositories: [{}, {}] })
  expect(page.headers?.get('link')).toMatch(/page=1>; rel="prev".*page=3>; rel="next".*page=3>; rel="last"/)
})

test('an answer that the caller has already is 304 and costs nothing', async () => {
  const { github } = visitor
  const { appId, privateKey } = await github.control<{ appId: number; privateKey: string }>('GET', 'app')
  const jwt = visitor.jwt({ iss: appId }, privateKey)
  const first = await visitor.api('GET', '/app', jwt)
  const etag = first.headers?.get('etag') ?? ''
  const again = await visitor.api('GET', '/app', jwt, undefined, { 'if-none-match': etag })
  expect([again.status, again.text]).toEqual([304, ''])
  const left = (seen: typeof first) => Number(seen.headers?.get('x-ratelimit-remaining'))
  expect(left(again)).toBe(left(first))
})

test('an outage drops or answers everything until it is lifted', async () => {
  const { github } = visitor
  await github.setOutage({ status: 502 })
  expect((await visitor.api('GET', '/app', null)).status).toBe(502)
  await github.setOutage({ on: 'api', status: null })
  await expect(visitor.api('GET', '/app', null)).rejects.toThrow()
  await github.setOutage(null)
  expect((await visitor.api('GET', '/app', null)).status).toBe(401)
})
