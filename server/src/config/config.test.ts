import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'skein-config-'))
afterAll(() => rm(folder, { recursive: true }))

test('nothing needs to be set', () => {
  expect(readConfig({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:3000',
    isLocal: true,
    isDevelopment: false,
    databaseUrl: null,
    redisUrl: null,
    services: new Set(['web', 'api', 'collab', 'worker']),
    snapshotQuietMs: 10_000,
    github: { apiUrl: 'https://api.github.com', app: null },
  })
})

test('all that is wrong is told at once, in words', () => {
  const wrong = {
    PORT: 'three thousand',
    SERVICES: 'web,wrong',
    PUBLIC_URL: 'skein.example.org',
    DATABASE_URL: 'postgres://db.internal/skein',
    GITHUB_APP_ID: '12',
    GIT_TRUSTED_HOSTS: 'git.internal',
    LOG_LEVEL: 'loud',
    REDIS_URL: 'cache:6379',
    SECRET_KEY_FILE: path.join(folder, 'absent'),
  }
  expect(() => readConfig(wrong)).toThrow(
    expect.objectContaining({
      message: [
        'Skein did not start. 9 settings are wrong:',
        `  SECRET_KEY_FILE the file cannot be read (ENOENT: no such file or directory, open '${folder}/absent')`,
        '  PORT must be a port number',
        '  PUBLIC_URL must be an address such as https://skein.example.org',
        '  SERVICES must name some of web, api, collab, worker',
        '  REDIS_URL must be an address such as redis://:password@redis.internal:6379',
        '  GIT_TRUSTED_HOSTS must be host:port, separated by commas',
        '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
        '  SECRET_KEY is required with DATABASE_URL: every node needs the same one; make it with: openssl rand -base64 32',
        '  GITHUB_APP_PRIVATE_KEY is needed together with GITHUB_APP_ID',
      ].join('\n'),
    }),
  )
})

test('a secret may stand in a file, but not in both places', () => {
  const file = path.join(folder, 'key')
  writeFileSync(file, `${'k'.repeat(40)}\n`)
  expect(readConfig({ SECRET_KEY_FILE: file }).secretKey).toBe('k'.repeat(40))
  expect(() => readConfig({ SECRET_KEY_FILE: file, SECRET_KEY: 'x'.repeat(40) })).toThrow('keep one of the two')
})

test('Redis may be reached over TLS, and its address may stand in a file, for it holds a password', () => {
  const file = path.join(folder, 'redis')
  writeFileSync(file, 'rediss://skein:secret@redis.internal:6380\n')
  expect(readConfig({ REDIS_URL_FILE: file }).redisUrl).toBe('rediss://skein:secret@redis.internal:6380')
})

test('an address of the instance other than this machine is not local', () => {
  const config = readConfig({ PUBLIC_URL: 'https://skein.example.org/' })
  expect(config).toMatchObject({ publicUrl: 'https://skein.example.org', isLocal: false })
  expect(() => readConfig({ PUBLIC_URL: 'https://example.org/skein' })).toThrow('must not have a path')
})

test('the GitHub App by settings: its secrets may stand in files, and what needs the other is told', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const file = path.join(folder, 'webhook')
  writeFileSync(file, 'a webhook secret of some length\n')
  const app = { GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY: pem.replaceAll('\n', '\\n') }
  expect(readConfig(app).github.app).toEqual({ id: '12', privateKey: pem, webhookSecret: null, client: null })
  const whole = {
    ...app,
    GITHUB_WEBHOOK_SECRET_FILE: file,
    GITHUB_CLIENT_ID: 'Iv1.0123456789abcdef',
    GITHUB_CLIENT_SECRET: 'shh',
  }
  expect(readConfig(whole).github.app).toMatchObject({
    webhookSecret: 'a webhook secret of some length',
    client: { id: 'Iv1.0123456789abcdef', secret: 'shh' },
  })
  expect(() => readConfig({ ...whole, GITHUB_CLIENT_SECRET: '' })).toThrow('are needed together')
  expect(() => readConfig({ GITHUB_WEBHOOK_SECRET: 'a webhook secret of some length' })).toThrow(
    'GITHUB_WEBHOOK_SECRET is needed together with GITHUB_APP_ID',
  )
  expect(() => readConfig({ ...app, GITHUB_WEBHOOK_SECRET: 'short' })).toThrow('at least 16 characters')
})
