/** Changing the secret key as an operator does: processes that are started, and killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { githubAppQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createGithubApps } from './commands/github-app/github-apps.ts'
import { sealApp } from './commands/github-app/make-app.ts'
import { createSecrets } from './config/secrets.ts'
import { createTestFolder, testSearchPath } from './testing/world.ts'

const { database: db, address } = await createTestDatabase()
const folder = await createTestFolder()
const OLD = 'the old secret key of the process under test'
const NEW = 'the new secret key of the process under test'
const made = {
  id: '7',
  slug: 'skein',
  name: 'Skein',
  htmlUrl: 'https://example.org',
  privateKey: 'not looked at here',
  webhookSecret: 'a webhook secret',
  client: { id: 'client', secret: 'a client secret' },
}

function start(words: string[], settings: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, 'main.ts'), ...words], {
    env: { PATH: testSearchPath, DATA_DIR: folder, LOG_LEVEL: 'silent', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data
    })
  }
  return { child, ended: once(child, 'close').then(([code]) => ({ code, output })) }
}
interface Ended {
  code: number | null
  output: string
}
const run = (words: string[], settings: Record<string, string>) => start(words, settings).ended
const outside = (key: string, previous = '') => ({
  DATABASE_URL: address,
  SECRET_KEY: key,
  SECRET_KEY_PREVIOUS: previous,
})
const opensWith = (key: string) =>
  createGithubApps({ sql: db.instance, secrets: createSecrets(key), settings: null, now: () => new Date() })
    .read()
    .then(
      (app) => app?.webhookSecret === made.webhookSecret && app.client?.secret === made.client.secret,
      () => false,
    )
const fingerprint = async () =>
  (
    await db.instance.query<{ value: string }>(
      `select value #>> '{}' as value from instance_setting where key = 'secret_fingerprint'`,
    )
  )[0]?.value

test('GA3: with keys of the settings: what is missing is told, and whatever moment it is killed at one of the keys holds for all', async () => {
  expect(await run(['migrate'], outside(OLD))).toMatchObject({ code: 0 })
  await githubAppQueries.insertGithubApp(db.instance, sealApp(createSecrets(OLD), made), 'ana' as never)
  expect(await run(['rotate-key'], outside(NEW))).toMatchObject({
    code: 1,
    output: expect.stringContaining('SECRET_KEY_PREVIOUS to the one before'),
  })
  expect(await run(['migrate'], outside(NEW, OLD))).toMatchObject({
    code: 1,
    output: expect.stringContaining('npm run rotate-key'),
  })
  expect(await run(['rotate-key'], outside(NEW, 'a key that nothing was ever sealed under'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('neither of the two keys'),
  })
  let killed = 0
  for (let round = 0; round < 8; round += 1) {
    const { child, ended } = start(['rotate-key'], outside(NEW, OLD))
    await wait(100 + round * 100)
    child.kill('SIGKILL')
    if ((await ended).code === null) killed += 1
    const holds = (await fingerprint()) === createSecrets(NEW).fingerprint ? NEW : OLD
    expect(await opensWith(holds)).toBe(true)
    expect(await opensWith(holds === NEW ? OLD : NEW)).toBe(false)
  }
  expect(killed).toBeGreaterThan(0)
  expect(await run(['rotate-key'], outside(NEW, OLD))).toMatchObject({
    code: 0,
    output: expect.stringMatching(/sealed anew/),
  })
  expect(await opensWith(NEW)).toBe(true)
  expect(await run(['migrate'], outside(NEW))).toMatchObject({ code: 0 })
  expect(await run(['migrate'], outside(OLD))).toMatchObject({
    code: 1,
    output: expect.stringContaining('secret key is not'),
  })
}, 180_000)

test('GA3: with the embedded database the key’s file follows, and the one before is kept', async () => {
  const dataDir = path.join(folder, 'embedded')
  const settings = { DATA_DIR: dataDir }
  expect(await run(['rotate-key'], settings)).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is no database under'),
  })
  expect(await run(['migrate'], settings)).toMatchObject({ code: 0 })
  const key = () => readFileSync(path.join(dataDir, 'secret.key'), 'utf8')
  const before = key()
  const rotated = await run(['rotate-key'], settings)
  expect(rotated).toMatchObject({ code: 0, output: expect.stringContaining('0 secrets were sealed anew') })
  expect(key()).not.toBe(before)
  const kept = readdirSync(dataDir).filter((name) => name.startsWith('secret.key.'))
  expect(kept).toHaveLength(1)
  expect(rotated.output).toContain(kept[0])
  expect(readFileSync(path.join(dataDir, kept[0] as string), 'utf8')).toBe(before)
  expect(await run(['migrate'], settings)).toMatchObject({ code: 0 })
  expect(existsSync(path.join(dataDir, 'secret.key.next'))).toBe(false)
}, 180_000)
