import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { git } from '../../commands/snapshot/testing/snapshot-world.ts'
import { GitProgram } from './git-program.ts'
import { joinBases, mergeBases } from './join-bases.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'join-bases-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const place = { git: new GitProgram(process.env.PATH ?? ''), directory: path.join(folder, '.git') }
const run = (...args: string[]) => git(folder, args).toString().trim()
const show = (name: string) => git(folder, ['show', name]).toString()

function commit(from: Oid | null, files: Record<string, string | null>): Oid {
  if (from !== null) run('checkout', '-q', '--detach', from)
  for (const [name, content] of Object.entries(files)) {
    if (content === null) run('rm', '-q', name)
    else {
      writeFileSync(path.join(folder, name), content)
      run('add', name)
    }
  }
  run('commit', '-q', '--allow-empty', '-m', 'commit')
  return run('rev-parse', 'HEAD') as Oid
}

run('init', '-q')
const start = commit(null, { 'a.md': '1\n2\n3\n4\n5\n', 'p.bin': '\0old', 'gone.md': 'gone\n', 'same.md': 'same\n' })
const one = commit(start, { 'a.md': 'one\n2\nx\n4\n5\n', 'p.bin': '\0one', 'gone.md': null, 'new.md': 'of one\n' })
const two = commit(start, { 'a.md': '1\n2\ny\n4\nfive\n', 'p.bin': '\0two', 'gone.md': 'changed\n' })

test('bases are merged with each other: lines as Git does, whole files that they disagree about are what was before', async () => {
  const joined = await joinBases(place, [one, two])
  const text = show(`${joined}:a.md`)
  expect(text).toMatch(/^one\n2\n<{7}.*\nx\n={7}\ny\n>{7}.*\n4\nfive\n$/)
  expect(show(`${joined}:p.bin`)).toBe('\0old')
  expect(show(`${joined}:gone.md`)).toBe('gone\n')
  expect(show(`${joined}:new.md`)).toBe('of one\n')
  expect(run('ls-tree', '--name-only', joined).split('\n')).toEqual(['a.md', 'gone.md', 'new.md', 'p.bin', 'same.md'])
  expect(await joinBases(place, [one, two])).toBe(joined)
})

test('several bases become one, and one is itself', async () => {
  const three = commit(start, { 'three.md': '3\n' })
  const joined = await joinBases(place, [one, three, commit(start, { 'four.md': '4\n' })])
  expect(run('ls-tree', '--name-only', joined).split('\n')).toEqual(expect.arrayContaining(['three.md', 'four.md']))
  expect(await joinBases(place, [three])).toBe(three)
})

test('the bases of a merge that nobody made, as of a squash, are those with all that it would hold', async () => {
  const ours = commit(one, { 'ours.md': 'ours\n' })
  const squashed = commit(start, { 'squash.md': 'squash\n' })
  expect(await mergeBases(place, ours, [squashed])).toEqual([start])
  expect(await mergeBases(place, ours, [squashed, one])).toEqual([one])
  run('checkout', '-q', '--orphan', 'unrelated')
  const unrelated = commit(null, {})
  expect(await mergeBases(place, ours, [unrelated])).toEqual([])
})
