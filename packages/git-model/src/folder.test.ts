import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findFolder, replaceFolder, rewriteCommit } from './folder.ts'
import { emptyTreeOid, type GitObject } from './object.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'skein-folder-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: directory, GIT_CONFIG_NOSYSTEM: '1' }
const git = (args: string[], input: string | Uint8Array = ''): Buffer =>
  execFileSync('git', args, { cwd: directory, env: env as never, input })
const say = (...args: string[]): string => git(args).toString().trim()
say('init', '-q', '-b', 'main')

/** The tree of these files, as Git makes it. */
function treeOf(files: Record<string, string>): string {
  rmSync(path.join(directory, '.git/index'), { force: true })
  for (const [name, content] of Object.entries(files)) {
    const oid = git(['hash-object', '-w', '--stdin'], content).toString().trim()
    git(['update-index', '--add', '--cacheinfo', `100644,${oid},${name}`])
  }
  return say('write-tree')
}
const readTree = (oid: string): Uint8Array => git(['cat-file', 'tree', oid])
const store = ({ kind, oid, body }: GitObject): void => {
  expect(git(['hash-object', '-w', '-t', kind, '--stdin'], body).toString().trim()).toBe(oid)
}

const files = { 'a.md': '1', 'docs/x': '2', 'docs/y/z': '3', 'docs-b/q': '4', 'docs.md': '5', 'e/f/g/h': '6' }

test('TF1: a folder is found where it stands, and what is in its way is named', async () => {
  const root = treeOf(files)
  expect(await findFolder(root, 'docs/y', readTree)).toEqual({ is: 'folder', oid: say('rev-parse', `${root}:docs/y`) })
  expect(await findFolder(root, 'docs/n/o', readTree)).toEqual({ is: 'absent' })
  expect(await findFolder(emptyTreeOid, 'docs', readTree)).toEqual({ is: 'absent' })
  expect(await findFolder(root, 'docs/x/y', readTree)).toEqual({ is: 'blocked', at: 'docs/x', mode: 0o100644 })
})

test('TF2 TF3: another folder in its place gives the tree that Git makes, and nothing else is made', async () => {
  const root = treeOf(files)
  const folder = treeOf({ one: '1', 'two/three': '3' })
  const within = { 'a.md': '1', 'docs-b/q': '4', 'docs.md': '5' }
  const cases: [string, string | null, Record<string, string>][] = [
    ['docs', folder, { ...within, 'docs/one': '1', 'docs/two/three': '3', 'e/f/g/h': '6' }],
    ['docs', null, { ...within, 'e/f/g/h': '6' }],
    ['e/f/g', null, { ...within, 'docs/x': '2', 'docs/y/z': '3' }],
    ['e/f/new', folder, { ...files, 'e/f/new/one': '1', 'e/f/new/two/three': '3' }],
    ['docs.md', folder, { ...withoutKey(files, 'docs.md'), 'docs.md/one': '1', 'docs.md/two/three': '3' }],
    ['zz/y', folder, { ...files, 'zz/y/one': '1', 'zz/y/two/three': '3' }],
    ['docs-a', folder, { ...files, 'docs-a/one': '1', 'docs-a/two/three': '3' }],
  ]
  for (const [at, put, expected] of cases) {
    const edited = await replaceFolder(root, at, put, readTree)
    edited.trees.forEach(store)
    expect(edited.oid, at).toBe(treeOf(expected))
    expect(edited.trees.length, at).toBe(at.split('/').length - (at === 'e/f/g' ? 2 : 0))
    expect((await replaceFolder(edited.oid, at, put, readTree)).trees, at).toEqual([])
  }
  const first = await replaceFolder(null, 'docs/in', folder, readTree)
  first.trees.forEach(store)
  expect(first.oid).toBe(treeOf({ 'docs/in/one': '1', 'docs/in/two/three': '3' }))
  expect((await replaceFolder(first.oid, 'docs/in', null, readTree)).oid).toBe(emptyTreeOid)
})

const withoutKey = (from: Record<string, string>, key: string) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => name !== key))

test('TF4: a commit keeps its people, times, encoding and message byte for byte, and loses its signature', () => {
  const tree = treeOf(files)
  const parent = '1'.repeat(40)
  const people = 'author Jos\u00e9 <j@x> 1700000000 +0530\ncommitter B <b@x> 1700000001 -0800\nencoding ISO-8859-1'
  const body = Buffer.from(
    `tree ${tree}\nparent ${'2'.repeat(40)}\n${people}\ngpgsig -----BEGIN\n line\n \n -----END\n\nSubject\n\n\tBody \u00fc\n\n`,
    'latin1',
  )
  const made = rewriteCommit(body, { tree: emptyTreeOid, parents: [parent] })
  expect(Buffer.from(made.body).toString('latin1')).toBe(
    `tree ${emptyTreeOid}\nparent ${parent}\n${people}\n\nSubject\n\n\tBody \u00fc\n\n`,
  )
  // There and back again is the same commit.
  const unsigned = rewriteCommit(body, { tree, parents: [parent] })
  expect(rewriteCommit(made.body, { tree, parents: [parent] }).oid).toBe(unsigned.oid)
})
