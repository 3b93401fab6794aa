/** Folders of fetches, and what dead processes left of theirs. */
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createTestFolder, testSearchPath } from '../../testing/world.ts'
import { FetchDirectories } from './fetch-directories.ts'
import { GitProgram } from './git-program.ts'

test('what a dead process left is swept at the next start, however young, and what others are at stays', async () => {
  const folder = await createTestFolder()
  const root = path.join(folder, 'fetch')
  const from = path.join(folder, 'from')
  await mkdir(path.join(from, 'objects/pack'), { recursive: true })
  await writeFile(path.join(from, 'packed-refs'), '')
  const machine = hostname().replaceAll(/[^\w-]/g, '_')
  const dead = spawnSync('true', { env: { PATH: testSearchPath } }).pid
  const old = new Date(Date.now() - 7 * 3_600_000)
  const folders = {
    [`${machine}.${dead}.before`]: 'goes',
    [`${machine}.${process.pid}.before`]: 'goes',
    [`${machine}.${process.ppid}.other`]: 'stays',
    'elsewhere.1.young': 'stays',
    'elsewhere.1.old': 'goes',
  }
  for (const name of Object.keys(folders)) {
    await mkdir(path.join(root, name, 'left/fetched.git'), { recursive: true })
    if (name.endsWith('.old')) await utimes(path.join(root, name), old, old)
  }
  const directories = new FetchDirectories(new GitProgram(testSearchPath), root)
  const one = await directories.make(from)
  // Beside it, in the same process: another store on the same disk.
  const two = await new FetchDirectories(new GitProgram(testSearchPath), root).make(from)
  expect(await readdir(one.directory)).toContain('HEAD')
  const kept = Object.keys(folders).filter((name) => folders[name] === 'stays')
  const names = await readdir(root)
  expect(names).toHaveLength(kept.length + 1)
  expect(names).toEqual(expect.arrayContaining(kept))
  await one.remove()
  await two.remove()
  const own = names.find((name) => !kept.includes(name)) ?? ''
  expect(await readdir(path.join(root, own))).toEqual([])
})
