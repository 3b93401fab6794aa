import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSecrets, keepSecretKey } from './secrets.ts'

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
