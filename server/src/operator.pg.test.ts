/** What an operator does from the command line with a backup: processes that are started, and killed, as theirs are. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '@skein/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createTestFolder } from './testing/world.ts'

const [source, target] = [await createTestDatabase(), await createTestDatabase()]
const folder = await createTestFolder()
const file = path.join(folder, 'all.backup')
const SECRET_KEY = 'a secret key for the process under test'

function start(words: string[], test: TestDatabase, settings: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [path.resolve(import.meta.dirname, 'main.ts'), ...words], {
    env: { PATH: process.env.PATH, DATABASE_URL: test.address, SECRET_KEY, DATA_DIR: folder, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      text += data
    })
  }
  return { child, output: () => text, ended: once(child, 'close').then(([code]) => ({ code, output: text })) }
}
const run = (words: string[], test: TestDatabase, settings?: Record<string, string>) =>
  start(words, test, settings).ended
const countBlobs = async (): Promise<number> =>
  (await target.ask<{ n: number }>('select count(*)::int as n from blob'))[0]?.n ?? -1

test('a backup is made and restored by command; a restore that was killed is never taken for whole, and is done again', async () => {
  expect(await run(['migrate'], source)).toMatchObject({ code: 0 })
  await source.ask(
    `with w as (insert into workspace (slug, name) values ('ana', 'Ana') returning id)
     insert into blob (workspace_id, sha256, bytes, content) select id, sha256(d), length(d), d from w, unnest($1::bytea[]) as d`,
    [Array.from({ length: 12 }, () => randomBytes(2_000_000))],
  )
  for (const words of [['backup'], ['backup', '--help']]) {
    expect(await run(words, source)).toMatchObject({
      code: 1,
      output: 'Into which file? Use: npm run backup -- <file>\n',
    })
  }
  for (const words of [['repair'], ['reset-password', 'ana@example.org']]) {
    const settings = { DATABASE_URL: '', DATA_DIR: path.join(folder, 'misspelt') }
    expect(await run(words, source, settings)).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no database under'),
    })
  }
  const made = await run(['backup', file], source)
  expect(made).toMatchObject({ code: 0, output: expect.stringContaining(`is in ${file}`) })
  expect(await run(['backup', file], source)).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is a file'),
  })

  expect(await run(['restore', file], target, { SECRET_KEY: `another ${SECRET_KEY}` })).toMatchObject({
    code: 1,
    output: expect.stringContaining('another secret key'),
  })
  const killed = start(['restore', file], target)
  await expect.poll(killed.output, { timeout: 30_000, interval: 1 }).toContain('public.blob')
  killed.child.kill('SIGKILL')
  await killed.ended
  // Either nothing is there, or whoever starts is told that it is not all.
  const next = await run(['migrate'], target)
  if (next.code === 0 && !killed.output().includes('Restored as of')) expect(await countBlobs()).toBe(0)
  else if (next.code !== 0) expect(next.output).toContain('npm run restore')

  if (!killed.output().includes('Restored as of')) {
    expect(await run(['restore', file], target)).toMatchObject({
      code: 0,
      output: expect.stringContaining('Restored as of'),
    })
  }
  expect(await countBlobs()).toBe(12)
  expect(await run(['restore', file], target)).toMatchObject({
    code: 1,
    output: expect.stringContaining('The database is in use'),
  })
  expect(await run(['migrate'], target)).toMatchObject({ code: 0 })
}, 180_000)
