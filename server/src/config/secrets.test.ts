import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { adoptNextSecretKey, createSecrets, hasNextSecretKey, keepNextSecretKey, keepSecretKey } from './secrets.ts'

/** Sealed with the format before keys had ids, under `a secret key of thirty-two chars`, for `job 1`. */
const SEALED_V1 = 'v1.BwcHBwcHBwcHBwcHLmW6e6ASWwkhpt6pywe0WAlm7RUOvh0'

const folder = await mkdtemp(path.join(tmpdir(), 'skein-secrets-'))
afterAll(() => rm(folder, { recursive: true }))
const secrets = createSecrets('a secret key of thirty-two chars')

test('the key is made once and only its owner can read it', () => {
  const key = keepSecretKey(path.join(folder, 'data'))
  expect(keepSecretKey(path.join(folder, 'data'))).toBe(key)
  expect(statSync(path.join(folder, 'data/secret.key')).mode & 0o777).toBe(0o600)
})

test('purposes have keys of their own, and another secret key another fingerprint', () => {
  expect(secrets.keyFor('accounts')).toEqual(createSecrets('a secret key of thirty-two chars').keyFor('accounts'))
  expect(secrets.keyFor('accounts')).not.toEqual(secrets.keyFor('tickets'))
  expect(createSecrets('another key').fingerprint).not.toBe(secrets.fingerprint)
})

test('a sealed value opens only in its place, unchanged, under its key', () => {
  const sealed = secrets.seal('hunter2 – ünïcode', 'job 1')
  expect(sealed).not.toContain('hunter2')
  expect(secrets.open(sealed, 'job 1')).toBe('hunter2 – ünïcode')
  expect(secrets.seal('hunter2 – ünïcode', 'job 1')).not.toBe(sealed)
  expect(() => secrets.open(sealed, 'job 2')).toThrow()
  expect(() => secrets.open(`${sealed.slice(0, -2)}AA`, 'job 1')).toThrow()
  expect(() => createSecrets('another key').open(sealed, 'job 1')).toThrow()
  expect(() => secrets.open('v9.AAAA', 'job 1')).toThrow('unknown version')
})

test('GA3: a sealed value names its key, and opens under the one before while a rotation goes on', () => {
  const old = secrets.seal('hunter2', 'job 1')
  const rotating = createSecrets('another key', 'a secret key of thirty-two chars')
  expect(old).toMatch(/^v2\.[\w-]{8}\.[\w-]+$/)
  expect(rotating.open(old, 'job 1')).toBe('hunter2')
  expect(rotating.isCurrent(old)).toBe(false)
  const renewed = rotating.seal('hunter2', 'job 1')
  expect(rotating.isCurrent(renewed)).toBe(true)
  expect(() => secrets.open(renewed, 'job 1')).toThrow('another secret key')
  expect(createSecrets('another key').open(renewed, 'job 1')).toBe('hunter2')
  // The key's id is not taken on trust: with another's id before it the bytes do not open.
  const [, id] = renewed.split('.')
  expect(() => rotating.open(`v2.${id}.${old.split('.')[2]}`, 'job 1')).toThrow()
})

test('GA3: values from before keys had ids still open, under the present key or the one before', () => {
  expect(secrets.open(SEALED_V1, 'job 1')).toBe('hunter2')
  expect(createSecrets('another key', 'a secret key of thirty-two chars').open(SEALED_V1, 'job 1')).toBe('hunter2')
  expect(secrets.isCurrent(SEALED_V1)).toBe(false)
  expect(() => createSecrets('another key').open(SEALED_V1, 'job 1')).toThrow()
  expect(() => secrets.open(SEALED_V1, 'job 2')).toThrow()
})

test('a tag that was cut short is not taken for a weaker one', () => {
  const [version, id, body = ''] = secrets.seal('', 'job 1').split('.')
  const cut = Buffer.from(body, 'base64url')
    .subarray(0, 12 + 4)
    .toString('base64url')
  expect(() => secrets.open(`${version}.${id}.${cut}`, 'job 1')).toThrow()
})

test('GA3: the next key of a data directory is made once, takes the place of the present one, and keeps that beside it', () => {
  const dataDir = path.join(folder, 'rotating')
  const key = keepSecretKey(dataDir)
  expect(hasNextSecretKey(dataDir)).toBe(false)
  const next = keepNextSecretKey(dataDir)
  expect(next).not.toBe(key)
  expect(keepNextSecretKey(dataDir)).toBe(next)
  expect(keepSecretKey(dataDir)).toBe(key)
  const kept = adoptNextSecretKey(dataDir)
  expect([keepSecretKey(dataDir), hasNextSecretKey(dataDir)]).toEqual([next, false])
  expect(readFileSync(kept, 'utf8').trim()).toBe(key)
  expect([statSync(kept).mode & 0o777, existsSync(`${kept}.new`)]).toEqual([0o600, false])
})
