import { generateKeyPairSync } from 'node:crypto'
import { githubAppQueries } from '@skein/db'
import { expect, test } from 'vitest'
import { sealApp } from '../commands/github-app/make-app.ts'
import { createSecrets } from '../config/secrets.ts'
import { createGithubAppWorld, makeApp, makeAppOnGithub, SECRET_KEY } from './testing/github-app-world.ts'

const world = await createGithubAppWorld()
const { github, ask } = world
const ana = await world.person('Ana')
const ben = await world.person('Ben')
const manifestOf = async () => (await ana.browser.post('/api/v1/admin/github/app/manifest', {})).body

async function forgetApp(): Promise<void> {
  await ask('delete from github_app')
  world.apps.forget()
}

test('GA2: the manifest asks for what sync uses and no more, and names the addresses of this Skein', async () => {
  const { action, manifest } = await manifestOf()
  expect(action).toMatch(new RegExp(`^${github.url}/settings/apps/new\\?state=[0-9A-Za-z]{43}$`))
  expect(JSON.parse(manifest)).toEqual({
    name: 'Skein skein.example.org',
    url: world.publicUrl,
    redirect_url: `${world.publicUrl}/api/v1/github/app/created`,
    callback_urls: [`${world.publicUrl}/api/v1/github/installed`],
    setup_url: `${world.publicUrl}/api/v1/github/installed`,
    setup_on_update: false,
    request_oauth_on_install: true,
    public: false,
    hook_attributes: { url: `${world.publicUrl}/webhooks/github`, active: true },
    default_permissions: {
      contents: 'write',
      pull_requests: 'write',
      metadata: 'read',
      checks: 'read',
      statuses: 'read',
      workflows: 'write',
    },
    default_events: ['push', 'create', 'delete', 'pull_request', 'check_suite', 'repository'],
  })
  const forAcme = await ana.browser.post('/api/v1/admin/github/app/manifest', { organization: 'acme' })
  expect(forAcme.body.action).toContain(`${github.url}/organizations/acme/settings/apps/new?state=`)
  const wrong = await ana.browser.post('/api/v1/admin/github/app/manifest', { organization: '../settings' })
  expect(wrong.status).toBe(400)
})

test('GS15: the App is made from the admin page, works at once, and its secrets stand sealed in the database', async () => {
  expect((await ana.browser.get('/api/v1/admin/github/app')).body).toMatchObject({ source: 'none', app: null })
  const done = await makeApp(world, ana.browser)
  expect([done.status, done.headers.get('location')]).toEqual([302, '/admin/github?github=created'])
  const made = await github.control<{ id: number; privateKey: string; clientSecret: string; webhookSecret: string }>(
    'GET',
    'app',
  )
  const status = await ana.browser.get('/api/v1/admin/github/app')
  expect(status.body).toMatchObject({
    source: 'manifest',
    app: { id: String(made.id), slug: 'skein-of-the-test', name: 'Skein of the test' },
    installUrl: `${github.url}/github-apps/skein-of-the-test/installations/new`,
    webhook: { url: 'https://skein.example.org/webhooks/github', isReachable: true, waiting: 0 },
  })
  expect(await world.apps.read()).toMatchObject({
    id: String(made.id),
    webhookSecret: made.webhookSecret,
    client: { secret: made.clientSecret },
  })
  const rows = JSON.stringify(await ask('select * from github_app'))
  for (const secret of [made.privateKey, made.clientSecret, made.webhookSecret]) {
    expect(rows).not.toContain(secret)
    expect(JSON.stringify([status.body, done.body])).not.toContain(secret)
  }
  // Its key works: GitHub believes it.
  const shown = await world.account.readShown((await world.apps.read()) as never, AbortSignal.timeout(20_000))
  expect(shown).toMatchObject({ ok: true, value: { slug: 'skein-of-the-test' } })
})

test('GA3: a sealed secret that is moved to another column, another App, or changed does not open', async () => {
  const [row] = await ask<Record<string, string>>('select * from github_app')
  const { private_key: key, webhook_secret: hook, app_id: id } = row as Record<string, string>
  const spoilt = [
    ['update github_app set webhook_secret = private_key', []],
    ['update github_app set client_secret = webhook_secret', []],
    [`update github_app set app_id = '12'`, []],
    ['update github_app set private_key = $1', [`${key?.slice(0, -3)}AAA`]],
  ] as const
  for (const [statement, values] of spoilt) {
    await ask(statement, values)
    world.apps.forget()
    await expect(world.apps.read()).rejects.toThrow()
    // The page of whoever comes newly still opens, and a call of GitHub is not taken for anything.
    expect(await world.apps.exists()).toBe(true)
    expect(await ana.browser.get('/api/v1/admin/github/app')).toMatchObject({
      status: 503,
      body: {
        error: {
          code: 'github-not-configured',
          message: expect.stringMatching(/do not open/),
          hint: expect.any(String),
        },
      },
    })
    await ask('update github_app set private_key = $1, webhook_secret = $2, client_secret = $3, app_id = $4', [
      key,
      hook,
      row?.client_secret,
      id,
    ])
  }
  world.apps.forget()
  expect(await world.apps.read()).toMatchObject({ id })
})

test('GA2: only the admin of the instance, in person, may see, make or remove the App', async () => {
  const { send } = await world.program(ana.browser)
  const calls: [string, string, unknown?][] = [
    ['GET', '/api/v1/admin/github/app'],
    ['POST', '/api/v1/admin/github/app/manifest', {}],
    ['DELETE', '/api/v1/admin/github/app', { name: 'Skein of the test' }],
    ['GET', '/api/v1/admin/github/operations'],
    ['GET', '/api/v1/admin/github/deliveries'],
    ['POST', '/api/v1/admin/github/sync', { state: 'all' }],
    ['POST', `/api/v1/admin/github/operations/${'0'.repeat(8)}-0000-4000-8000-000000000000/retry`],
  ]
  for (const [method, path, body] of calls) {
    for (const answer of [await ben.browser.request(method, path, body), await send(method, path, body)])
      expect(answer, `${method} ${path}`).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    expect((await world.browser().request(method, path, body)).status).toBe(401)
  }
})

test('GA2: a state is good once, for the admin who began, for half an hour', async () => {
  await forgetApp()
  const back = await makeAppOnGithub(world, await manifestOf())
  // Somebody else brings it: it is used up, and nothing was made.
  expect(await ben.browser.get(back)).toMatchObject({ status: 403 })
  expect(await ana.browser.get(back)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect(await ask('select from github_app')).toEqual([])

  const again = await makeAppOnGithub(world, await manifestOf())
  expect((await ana.browser.get(again)).status).toBe(302)
  await forgetApp()
  expect((await ana.browser.get(again)).status).toBe(403)

  const late = await makeAppOnGithub(world, await manifestOf())
  await ask(`update github_state set expires_at = now() - interval '1 second'`)
  expect((await ana.browser.get(late)).status).toBe(403)

  const madeUp = new URL(await makeAppOnGithub(world, await manifestOf()))
  madeUp.searchParams.set('state', 'x'.repeat(43))
  expect((await ana.browser.get(madeUp.href)).status).toBe(403)
  // A way that was begun for an installation makes no App.
  const ofInstall = await makeAppOnGithub(world, await manifestOf())
  await ask(`update github_state set kind = 'install'`)
  expect((await ana.browser.get(ofInstall)).status).toBe(403)
  expect(await ask('select from github_app')).toEqual([])
})

test('GA2: a code that GitHub does not take, or GitHub away, is told in words and makes nothing', async () => {
  const back = new URL(await makeAppOnGithub(world, await manifestOf()))
  back.searchParams.set('code', 'made-up')
  expect(await ana.browser.get(back.href)).toMatchObject({ status: 502, body: { error: { code: 'github-refused' } } })
  const second = await makeAppOnGithub(world, await manifestOf())
  await github.setOutage({ on: 'api', status: 503 })
  const away = await ana.browser.get(second)
  await github.setOutage(null)
  expect(away).toMatchObject({ status: 502, body: { error: { code: 'github-unreachable' } } })
  expect(await ask('select from github_app')).toEqual([])
})

test('GA4: another node uses the App within seconds, without a restart, and stops when it is removed', async () => {
  const other = await createGithubAppWorld({ beside: { test: world.test, github } })
  expect(await other.apps.read()).toBe(null)
  await makeApp(world, ana.browser)
  expect(await other.apps.read()).toBe(null)
  other.clock.offsetMs = 2_500
  expect(await other.apps.read()).toMatchObject({ source: 'manifest' })
  expect((await ana.browser.delete('/api/v1/admin/github/app', { name: 'Skein of the test' })).status).toBe(200)
  other.clock.offsetMs = 5_000
  expect(await other.apps.read()).toBe(null)
})

test('GA5: the App is removed by typing its name, and a second one is not made beside it', async () => {
  await makeApp(world, ana.browser)
  expect(await ana.browser.post('/api/v1/admin/github/app/manifest', {})).toMatchObject({ status: 409 })
  expect(await ana.browser.delete('/api/v1/admin/github/app', { name: 'skein' })).toMatchObject({ status: 404 })
  expect((await ana.browser.get('/api/v1/admin/github/app')).body.source).toBe('manifest')
  const removed = await ana.browser.delete('/api/v1/admin/github/app', { name: 'Skein of the test' })
  expect(removed).toMatchObject({ status: 200, body: { source: 'none', app: null } })
  await makeApp(world, ana.browser)
  await ask('update github_app set private_key = webhook_secret')
  world.apps.forget()
  // Also one whose secrets do not open any more.
  expect(await ana.browser.delete('/api/v1/admin/github/app', { name: 'Skein of the test' })).toMatchObject({
    status: 200,
    body: { source: 'none', app: null },
  })
})

test('GA1: an App of the settings wins over one that was made here, and the page says so', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const made = sealApp(createSecrets(SECRET_KEY), {
    id: '99',
    slug: 'made',
    name: 'Made',
    htmlUrl: 'https://example.org',
    privateKey: pem,
    webhookSecret: null,
    client: { id: 'c', secret: 's' },
  })
  const { database } = world.test
  await githubAppQueries.insertGithubApp(database.instance, made, ana.userId as never)
  const bySettings = await createGithubAppWorld({ isBySettings: true, beside: { test: world.test, github } })
  expect(await bySettings.apps.read()).toMatchObject({ source: 'settings', webhookSecret: github.webhookSecret })
  const admin = bySettings.browser()
  await admin.post('/api/auth/sign-in/email', { email: ana.email, password: 'correct horse battery' })
  for (const answer of [
    await admin.post('/api/v1/admin/github/app/manifest', {}),
    await admin.delete('/api/v1/admin/github/app', { name: 'Made' }),
  ]) {
    expect(answer).toMatchObject({ status: 409, body: { error: { message: expect.stringContaining('settings') } } })
  }
  await forgetApp()
})
