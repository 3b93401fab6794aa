import { describe, expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../accounts/password.ts'
import { hearAnnounced } from './testing/announced.ts'
import { buildWorld, createWorld, PASSWORD } from './testing/world.ts'

const world = await createWorld()
const announced = await hearAnnounced(world.database)
const { app, person, ask } = world

describe('signing up', () => {
  test('makes an account, a session, a personal workspace and a demo project at once', async () => {
    const browser = world.browser()
    const { status, body } = await browser.post('/api/auth/sign-up/email', {
      name: ' Ana Lima ',
      email: 'Ana@Example.org',
      password: PASSWORD,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      user: { name: 'Ana Lima', email: 'ana@example.org' },
      workspace: { slug: 'ana-lima', name: 'Ana Lima', role: 'owner', personal: true },
    })
    expect(body.projectId).toBeTruthy()
    const me = await browser.get('/api/v1/me')
    expect(me.body).toMatchObject({
      email: 'ana@example.org',
      isInstanceAdmin: true,
      workspaces: [{ slug: 'ana-lima' }],
    })
    expect(me.body.token).toBeUndefined()
  })

  test('a second account with the same name gets a slug of its own, and is no admin', async () => {
    const browser = world.browser()
    const { body } = await browser.post('/api/auth/sign-up/email', {
      name: 'Ana Lima',
      email: 'ana2@example.org',
      password: PASSWORD,
    })
    expect(body.workspace.slug).toBe('ana-lima-2')
    expect((await browser.get('/api/v1/me')).body.isInstanceAdmin).toBe(false)
  })

  test.each([
    [
      'a taken e-mail',
      { name: 'A', email: 'ANA@example.org', password: PASSWORD },
      409,
      'email-taken',
      'There is an account with this e-mail already.',
    ],
    [
      'a short password',
      { name: 'A', email: 'a@example.org', password: 'eleven char' },
      400,
      'invalid-request',
      'password: needs at least 12 characters',
    ],
    [
      'a long password',
      { name: 'A', email: 'a@example.org', password: 'x'.repeat(129) },
      400,
      'invalid-request',
      'password: is longer than 128 characters',
    ],
    [
      'no name',
      { name: ' ', email: 'a@example.org', password: PASSWORD },
      400,
      'invalid-request',
      'name: needs a name',
    ],
    [
      'no e-mail',
      { name: 'A', email: 'a at example', password: PASSWORD },
      400,
      'invalid-request',
      'email: is not an e-mail address',
    ],
  ])('refuses %s', async (_, body, status, code, message) => {
    const answer = await world.browser().post('/api/auth/sign-up/email', body)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toMatchObject({ code, message })
    expect(answer.body).toMatchObject({ code, message })
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('a sign-up that was cut short is mended by the next sign-in', async () => {
    const { browser, email, workspace } = await person('Cut')
    await ask('delete from workspace where id = $1', [workspace.id])
    expect((await browser.get('/api/v1/me')).body.workspaces).toEqual([])
    await browser.post('/api/auth/sign-in/email', { email, password: PASSWORD })
    expect((await browser.get('/api/v1/me')).body.workspaces).toMatchObject([{ slug: 'cut', personal: true }])
  })
})

describe('signing in and out', () => {
  test('a wrong password and an unknown e-mail are told in the same words', async () => {
    const { email } = await person('Bea')
    const wrong = await world.browser().post('/api/auth/sign-in/email', { email, password: 'not the password' })
    const unknown = await world
      .browser()
      .post('/api/auth/sign-in/email', { email: 'nobody@example.org', password: PASSWORD })
    expect(wrong.status).toBe(401)
    expect(wrong.body).toMatchObject({
      code: 'wrong-credentials',
      error: { message: 'The e-mail or the password is wrong.' },
    })
    expect(unknown.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  test('the session lasts over requests and ends with sign-out, also for a copy of its cookie', async () => {
    const { browser, email } = await person('Cleo')
    await browser.post('/api/auth/sign-out', {})
    expect((await browser.get('/api/v1/me')).status).toBe(401)
    const answer = await browser.post('/api/auth/sign-in/email', { email, password: PASSWORD })
    expect(answer.body).toEqual({ user: { id: expect.any(String), name: 'Cleo', email } })
    expect((await browser.get('/api/v1/me')).status).toBe(200)
    const copy = world.browser()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    expect((await copy.get('/api/v1/me')).status).toBe(200)
    await browser.post('/api/auth/sign-out', {})
    expect(browser.cookies.size).toBe(0)
    expect((await copy.get('/api/v1/me')).body.error).toMatchObject({
      code: 'unauthenticated',
      message: 'Nobody is signed in here.',
    })
  })

  test('sessions are listed, with address and browser, and revoked', async () => {
    const { browser, email } = await person('Dora')
    const other = world.browser()
    await other.post(
      '/api/auth/sign-in/email',
      { email, password: PASSWORD },
      { from: '203.0.113.5', headers: { 'user-agent': 'Other' } },
    )
    const sessions = (await browser.get('/api/auth/list-sessions')).body
    expect(sessions).toHaveLength(2)
    const ended = sessions.find((s: { userAgent: string }) => s.userAgent === 'Other')
    expect(ended.ipAddress).toBe('203.0.113.5')
    await browser.post('/api/auth/revoke-other-sessions', {})
    await expect.poll(() => announced).toContainEqual({ is: 'session', id: ended.id })
    expect((await other.get('/api/v1/me')).status).toBe(401)
    expect((await browser.get('/api/v1/me')).status).toBe(200)
  })

  test('a changed password ends the other sessions; a wrong current one changes nothing', async () => {
    const { browser, email } = await person('Ewa')
    const other = world.browser()
    await other.post('/api/auth/sign-in/email', { email, password: PASSWORD })
    const refused = await browser.post('/api/auth/change-password', {
      currentPassword: 'not it',
      newPassword: 'another long one',
    })
    expect(refused.body.error).toMatchObject({
      code: 'wrong-credentials',
      message: 'The current password is wrong; it was not changed.',
    })
    expect((await other.get('/api/v1/me')).status).toBe(200)
    const changed = await browser.post('/api/auth/change-password', {
      currentPassword: PASSWORD,
      newPassword: 'another long one',
    })
    expect(changed.status).toBe(200)
    expect((await other.get('/api/v1/me')).status).toBe(401)
    expect((await browser.get('/api/v1/me')).status).toBe(200)
  })

  test('what is stored of a password is a scrypt hash', async () => {
    const passwords = { hash: hashPassword, verify: verifyPassword }
    const browser = buildWorld(world, { passwords }).browser()
    const account = { name: 'Eli', email: 'eli@example.org', password: PASSWORD }
    expect((await browser.post('/api/auth/sign-up/email', account)).status).toBe(200)
    expect((await browser.post('/api/auth/sign-in/email', account)).status).toBe(200)
    const rows = await ask<{ password: string }>(
      `select a.password from auth."account" a join auth."user" u on u.id = a."userId" where u.email = 'eli@example.org'`,
    )
    expect(rows).toEqual([{ password: expect.stringMatching(/^\$scrypt\$ln=14,r=8,p=5\$/) }])
  })

  test('library routes that are not in the list do not exist', async () => {
    const { browser } = await person('Fay')
    for (const path of [
      'delete-user',
      'sign-in/social',
      'change-email',
      'request-password-reset',
      'verify-email',
      'error',
      'ok',
    ]) {
      for (const method of ['GET', 'POST']) {
        expect((await browser.request(method, `/api/auth/${path}`, method === 'POST' ? {} : undefined)).status).toBe(
          404,
        )
      }
    }
  })
})

describe('cookies', () => {
  const attributesOf = async (publicUrl: string) => {
    const { browser, setupToken } = buildWorld(world, { publicUrl })
    const host = new URL(publicUrl).hostname
    const answer = await browser().post('/api/auth/sign-up/email', {
      name: 'Cook',
      email: `cook@${host}.org`,
      password: PASSWORD,
      setupToken,
    })
    return answer.headers.getSetCookie().find((line) => line.includes('session_token')) ?? ''
  }

  test('over http: HttpOnly, SameSite=Lax, for this host', async () => {
    const cookie = await attributesOf('http://localhost:3000')
    expect(cookie).toMatch(/^skein\.session_token=/)
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; SameSite=Lax/)
    expect(cookie).toMatch(/; Path=\/(;|$)/)
    expect(cookie).not.toMatch(/Domain|Secure/)
  })

  test('over https: Secure too, and with the prefix that pins it to the host', async () => {
    const cookie = await attributesOf('https://skein.example.org')
    expect(cookie).toMatch(/^__Host-skein\.session_token=/)
    expect(cookie).toMatch(/; Secure/)
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; Path=\/(;|$)/)
    expect(cookie).not.toMatch(/Domain/)
  })
})

describe('requests from other sites', () => {
  test('a cookie is not taken with the origin of another site', async () => {
    const { browser } = await person('Gil')
    const create = (headers: Record<string, string>) => browser.post('/api/v1/workspaces', { name: 'W' }, { headers })
    expect((await create({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).body.error.code).toBe(
      'cross-origin',
    )
    expect((await create({ origin: 'null', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await create({ origin: 'http://localhost:3001', 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await browser.get('/api/v1/workspaces')).body.items).toHaveLength(1)
  })

  test('nor a form, whatever its origin', async () => {
    const { browser } = await person('Hal')
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await browser.post('/api/v1/workspaces', { name: 'W' }, { headers: { 'content-type': type } })
      expect(answer.body.error.code).toBe('unsupported-media-type')
    }
  })

  test('a program that keeps a cookie is no browser, and is served', async () => {
    const { browser } = await person('Ina')
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const send = (path: string) =>
      app.request(`http://localhost:3000${path}`, {
        method: 'POST',
        body: '{"name":"W"}',
        headers: { 'content-type': 'application/json', cookie },
      })
    expect((await send('/api/v1/workspaces')).status).toBe(201)
    expect((await send('/api/auth/sign-out')).status).toBe(200)
    expect((await send('/api/v1/workspaces')).status).toBe(401)
  })

  test('another site cannot sign a browser in', async () => {
    const { email } = await person('Ida')
    const answer = await world
      .browser()
      .post(
        '/api/auth/sign-in/email',
        { email, password: PASSWORD },
        { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } },
      )
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('localhost and 127.0.0.1 are both our own', async () => {
    const { browser } = await person('Jan')
    const answer = await browser.post(
      '/api/v1/workspaces',
      { name: 'W' },
      { headers: { origin: 'http://127.0.0.1:3000' } },
    )
    expect(answer.status).toBe(201)
  })
})

describe('limits on tries', () => {
  test('guessing one e-mail from one address is stopped after ten; colleagues behind it sign in, and so does the owner elsewhere', async () => {
    const { email } = await person('Kai')
    const { email: colleague } = await person('Lea')
    const from = '192.0.2.10'
    const guess = () =>
      world.browser().post('/api/auth/sign-in/email', { email, password: 'a wrong password' }, { from })
    for (let i = 0; i < 10; i++) expect((await guess()).status).toBe(401)
    const stopped = await guess()
    expect(stopped.status).toBe(429)
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(stopped.body.error.message).toMatch(
      /^Too many tries to sign in with this e-mail\. Try again in 15 minutes\.$/,
    )
    const signIn = (as: string, from: string) =>
      world.browser().post('/api/auth/sign-in/email', { email: as, password: PASSWORD }, { from })
    expect((await signIn(email, from)).status).toBe(429)
    expect((await signIn(colleague, from)).status).toBe(200)
    expect((await signIn(email, '192.0.2.11')).status).toBe(200)
  })

  test('an office of two hundred behind one address signs in', async () => {
    await person('Mia')
    const tries = await ask<{ count: number }>(
      `select count from request_limit where key like 'sign-in-address%' order by count desc`,
    )
    expect(tries.length).toBeGreaterThan(0)
    const { countSignIn } = await import('../commands/accounts/attempts.ts')
    for (let i = 0; i < 200; i++) await countSignIn(world.database.instance, `office-${i}@example.org`, '192.0.2.77')
  })

  test('guessing the present password from an open browser is stopped after ten', async () => {
    const { browser } = await person('Ned')
    const guess = () =>
      browser.post('/api/auth/change-password', { currentPassword: 'a guess', newPassword: 'another long one' })
    for (let i = 0; i < 10; i++) expect((await guess()).status).toBe(401)
    browser.cookies.set('other', 'cookie')
    expect((await guess()).status).toBe(429)
  })

  test('e-mails and addresses are not kept in the clear', async () => {
    const rows = await ask<{ key: string }>('select key from request_limit')
    for (const { key } of rows) expect(key).not.toMatch(/@|192\.0/)
  })
})

test('the account library has nothing to complain of', () => {
  expect(world.faults).toEqual([])
})

describe('the first account of an instance that others can reach', async () => {
  const fresh = await createWorld({ publicUrl: 'https://skein.example.org' })
  const account = { name: 'First', email: 'first@example.org', password: PASSWORD }

  test('needs the setup token of the log, once', async () => {
    const browser = fresh.browser()
    expect((await browser.get('/api/v1/instance')).body).toMatchObject({
      setupTokenRequired: true,
      passwordLengthMin: 12,
      version: '0.0.0-test',
    })
    const without = await browser.post('/api/auth/sign-up/email', account)
    expect(without.body.error).toMatchObject({
      code: 'setup-token-required',
      message: 'The first account of this instance needs its setup token.',
    })
    const wrong = await browser.post('/api/auth/sign-up/email', { ...account, setupToken: 'abcde-abcde' })
    expect(wrong.body.error).toMatchObject({
      code: 'setup-token-required',
      message: 'That is not the setup token of this instance.',
    })
    const right = await browser.post('/api/auth/sign-up/email', {
      ...account,
      setupToken: fresh.setupToken.toUpperCase(),
    })
    expect(right.status).toBe(200)
    expect((await browser.get('/api/v1/me')).body.isInstanceAdmin).toBe(true)
    expect((await browser.get('/api/v1/instance')).body.setupTokenRequired).toBe(false)
    const second = await fresh.browser().post('/api/auth/sign-up/email', { ...account, email: 'second@example.org' })
    expect(second.status).toBe(200)
  })
})
