import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { type Database, githubAppQueries, instanceQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import { beforeEach, expect, test } from 'vitest'
import {
  adoptNextSecretKey,
  createSecrets,
  hasNextSecretKey,
  keepNextSecretKey,
  keepSecretKey,
} from '../../config/secrets.ts'
import { createTestFolder } from '../../testing/world.ts'
import { createGithubApps } from '../github-app/github-apps.ts'
import { sealApp } from '../github-app/make-app.ts'
import { rotateKey } from './rotate-key.ts'

const { database: db, ask } = await createTestDatabase()
const folder = await createTestFolder()
const [OLD, NEW] = ['the old key, of thirty-two characters', 'the new key, of thirty-two characters']
const old = createSecrets(OLD)
const rotating = createSecrets(NEW, OLD)
const deps = { db, secrets: rotating, oldFingerprint: old.fingerprint }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const made = {
  id: '7',
  slug: 'skein',
  name: 'Skein',
  htmlUrl: 'https://example.org',
  privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  webhookSecret: 'a webhook secret',
  client: { id: 'client', secret: 'a client secret' },
}
const readWith = (key: string) =>
  createGithubApps({ sql: db.instance, secrets: createSecrets(key), settings: null, now: () => new Date() }).read()
const whole = { privateKey: made.privateKey, webhookSecret: made.webhookSecret, client: made.client }

beforeEach(async () => {
  await ask('delete from github_app')
  await ask('delete from instance_setting')
  await instanceQueries.keepSecretFingerprint(db.instance, old.fingerprint)
  await githubAppQueries.insertGithubApp(db.instance, sealApp(old, made), 'ana' as never)
})

test('GA3: every secret is sealed anew under the new key, and the fingerprint follows; a second time there is nothing to do', async () => {
  expect(await readWith(OLD)).toMatchObject(whole)
  expect(await rotateKey(deps)).toEqual({ outcome: 'rotated', sealed: 3 })
  expect(await readWith(NEW)).toMatchObject(whole)
  await expect(readWith(OLD)).rejects.toThrow('do not open with the key of this Skein')
  const kept = await instanceQueries.keepSecretFingerprint(db.instance, old.fingerprint)
  expect(kept).toBe(createSecrets(NEW).fingerprint)
  const before = await ask('select * from github_app')
  expect(await rotateKey(deps)).toEqual({ outcome: 'rotated-before', sealed: 0 })
  expect(await ask('select * from github_app')).toEqual(before)
})

test('GA3: killed at any of its statements it leaves the old key in force, and run again it does the rest', async () => {
  let statements = 0
  const killedAt = (at: number): Pick<Database, 'onInstance'> => ({
    onInstance: (work, options) =>
      db.onInstance(async (tx) => {
        let n = 0
        const query: typeof tx.query = async (text, values) => {
          n += 1
          statements = Math.max(statements, n)
          if (n === at) throw new Error('killed')
          return tx.query(text, values)
        }
        const result = await work({ query } as typeof tx)
        // The last moment before the commit.
        if (n + 1 === at) throw new Error('killed')
        return result
      }, options),
  })
  let kills = 0
  for (let at = 1; ; at += 1) {
    const outcome = await rotateKey({ ...deps, db: killedAt(at) }).catch((error: Error) => error.message)
    if (outcome !== 'killed') break
    kills += 1
    expect(await readWith(OLD)).toMatchObject(whole)
    expect(await instanceQueries.keepSecretFingerprint(db.instance, 'x')).toBe(old.fingerprint)
  }
  expect(kills).toBe(statements + 1)
  expect(kills).toBeGreaterThanOrEqual(5)
  expect(await readWith(NEW)).toMatchObject(whole)
})

test('GA3: a database that was made under neither key is left as it is, and so is what does not open', async () => {
  const stranger = createSecrets(NEW, 'another old key, of thirty-two characters')
  const asked = { ...deps, secrets: stranger, oldFingerprint: createSecrets('another old key').fingerprint }
  expect(await rotateKey(asked)).toEqual({ outcome: 'unknown-key' })
  await ask('update github_app set webhook_secret = client_secret')
  await expect(rotateKey(deps)).rejects.toThrow()
  expect(await instanceQueries.keepSecretFingerprint(db.instance, 'x')).toBe(old.fingerprint)
})

test('GA3: values from before keys had ids, and secrets that are not there, are no hindrance', async () => {
  await ask('delete from github_app')
  expect(await rotateKey(deps)).toEqual({ outcome: 'rotated', sealed: 0 })
  await ask('delete from instance_setting')
  await instanceQueries.keepSecretFingerprint(db.instance, old.fingerprint)
  const row = sealApp(old, { ...made, webhookSecret: null })
  await githubAppQueries.insertGithubApp(db.instance, row, 'ana' as never)
  expect(await rotateKey(deps)).toEqual({ outcome: 'rotated', sealed: 2 })
  expect(await readWith(NEW)).toMatchObject({ ...whole, webhookSecret: null })
})

test('GA3: in a data directory a kill between the database and the file is mended by running it again', async () => {
  const dataDir = path.join(folder, 'data')
  await ask('delete from instance_setting')
  await ask('delete from github_app')
  const first = keepSecretKey(dataDir)
  await instanceQueries.keepSecretFingerprint(db.instance, createSecrets(first).fingerprint)
  await githubAppQueries.insertGithubApp(db.instance, sealApp(createSecrets(first), made), 'ana' as never)
  const run = () =>
    rotateKey({
      db,
      secrets: createSecrets(keepNextSecretKey(dataDir), keepSecretKey(dataDir)),
      oldFingerprint: createSecrets(keepSecretKey(dataDir)).fingerprint,
    })
  // Killed before the database, and after it before the file.
  const next = keepNextSecretKey(dataDir)
  expect((await run()).outcome).toBe('rotated')
  expect([keepSecretKey(dataDir), hasNextSecretKey(dataDir)]).toEqual([first, true])
  expect(await run()).toEqual({ outcome: 'rotated-before', sealed: 0 })
  adoptNextSecretKey(dataDir)
  expect(keepSecretKey(dataDir)).toBe(next)
  expect(await readWith(next)).toMatchObject(whole)
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.new') || name.endsWith('.next'))).toEqual([])
  expect(existsSync(path.join(dataDir, 'secret.key'))).toBe(true)
})
