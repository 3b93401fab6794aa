/** The process as an operator meets it: its first words, its endpoints, its end. Pages are left out; they need a build. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, onTestFinished, test } from 'vitest'

const { address, ask } = await createTestDatabase()
const dataDir = await mkdtemp(path.join(tmpdir(), 'skein-main-'))
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const usual = {
  DATABASE_URL: address,
  SECRET_KEY: 'a secret key for the process under test',
  DATA_DIR: dataDir,
  SERVICES: 'api,collab,worker',
}

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  output(): string
}

function run(words: string[], settings: Record<string, string>): Run {
  const main = path.resolve(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data
    })
  }
  return { child, ended: once(child, 'close').then(([code]) => code), output: () => text }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const found = server.address()
  server.close()
  if (!found || typeof found === 'string') throw new Error('no port')
  return String(found.port)
}

async function isReady(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )
}

test('it says one line, answers, and ends at SIGTERM with everything closed', async () => {
  const PORT = await freePort()
  const { child, ended, output } = run([], { ...usual, PORT })
  await expect.poll(() => isReady(PORT), { timeout: 20_000 }).toBe(true)
  await expect.poll(output).toBe(`Skein runs at http://localhost:${PORT} – stop it with Ctrl+C\n`)
  const version = await fetch(`http://127.0.0.1:${PORT}/version`)
  expect(await version.json()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  const left = `select application_name as name from pg_stat_activity where datname = current_database() and application_name like 'skein%'`
  await expect.poll(() => ask(left)).toEqual([])
})

test('an address that others can reach prints the setup token, the same one at every start', async () => {
  const tokens: (string | undefined)[] = []
  for (let start = 0; start < 2; start += 1) {
    const PORT = await freePort()
    const { child, ended, output } = run([], { ...usual, PORT, PUBLIC_URL: 'https://skein.example.org' })
    await expect.poll(output, { timeout: 20_000 }).toContain('setup token')
    tokens.push(/setup token ((?:\w{5}-){4}\w{5})\n/.exec(output())?.[1])
    child.kill('SIGTERM')
    await ended
  }
  expect(tokens[0]).toBeDefined()
  expect(tokens[1]).toBe(tokens[0])
})

test('wrong settings are one readable list, without a stack', async () => {
  const { ended, output } = run([], { ...usual, PORT: 'x', SERVICES: 'all' })
  expect(await ended).toBe(1)
  expect(output()).toBe(
    'Skein did not start. 2 settings are wrong:\n  PORT must be a port number\n  SERVICES must name some of web, api, collab, worker\n',
  )
})

test('commands of an operator end by themselves, and say what is wrong', async () => {
  const migrated = run(['migrate'], usual)
  expect([await migrated.ended, migrated.output()]).toEqual([0, 'The schema is up to date.\n'])
  const nobody = run(['reset-password', 'nobody@example.org'], usual)
  expect([await nobody.ended, nobody.output()]).toEqual([
    1,
    'There is no account with the e-mail nobody@example.org.\n',
  ])
  const unknown = run(['dance'], usual)
  expect([await unknown.ended, unknown.output()]).toEqual([
    1,
    'There is no command dance. Commands: serve, migrate, repair, fsck, backup, restore, rotate-key, reset-password.\n',
  ])
})
