import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../accounts/password.ts'
import { resetPassword } from '../commands/accounts/reset-password.ts'
import { welcomeAccount } from '../commands/accounts/welcome.ts'
import { createWorld, PASSWORD } from './testing/world.ts'

const world = await createWorld({ passwords: { hash: hashPassword, verify: verifyPassword } })
const { database: db, person, program } = world

test('the operator’s reset gives a new password, ends all sessions, and tells of the tokens that go on', async () => {
  const { browser, email } = await person('Ana')
  const { send } = await program(browser)
  const result = await resetPassword({ db, hashPassword, randomBytes }, ' ANA@example.org ')
  expect(result).toEqual({
    outcome: 'reset',
    name: 'Ana',
    password: expect.stringMatching(/^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){3}$/),
    sessionsEnded: 1,
    activeTokens: 1,
  })
  if (result.outcome !== 'reset') throw new Error('unreachable')
  expect((await browser.get('/api/v1/me')).status).toBe(401)
  expect((await send('GET', '/api/v1/me')).status).toBe(200)
  const signIn = (password: string) => world.browser().post('/api/auth/sign-in/email', { email, password })
  expect((await signIn(PASSWORD)).status).toBe(401)
  expect((await signIn(result.password)).status).toBe(200)
})

test('an e-mail that nobody has is told so', async () => {
  expect(await resetPassword({ db, hashPassword, randomBytes }, 'nobody@example.org')).toEqual({
    outcome: 'no-such-account',
  })
})

test('an account is good without its demo project', async () => {
  const faults: unknown[] = []
  const createDemoProject = () => Promise.reject(new Error('no disk'))
  const account = { userId: 'user-of-test' as never, name: 'Zoë', email: 'zoe@example.org' }
  const welcome = () => welcomeAccount({ db, createDemoProject, logFault: (error) => faults.push(error) }, account)
  expect(await welcome()).toMatchObject({ workspace: { slug: 'zoe', role: 'owner' }, projectId: null })
  expect(faults).toHaveLength(1)
  expect(await welcome()).toMatchObject({ workspace: { slug: 'zoe' }, projectId: null })
  expect(faults).toHaveLength(1)
})

test('ten sign-ins at once make one personal workspace', async () => {
  const { email, workspace } = await person('Bea')
  await world.ask('delete from workspace where id = $1', [workspace.id])
  const signIns = Array.from({ length: 10 }, () =>
    world.browser().post('/api/auth/sign-in/email', { email, password: PASSWORD }),
  )
  expect((await Promise.all(signIns)).map((answer) => answer.status)).toEqual(Array(10).fill(200))
  expect(await world.ask(`select slug from workspace where personal_of is not null and name = 'Bea'`)).toHaveLength(1)
})
