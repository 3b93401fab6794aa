/** Every file finds a place, and nothing of ours makes room. */
import { expect, test } from 'vitest'
import { planTree } from './place-files.ts'
import { regular, toEntry } from './testing/merge-oracle.ts'
import type { Entry, FileSides } from './tree-plan.ts'

const entry = (path: string, content = `of ${path}`): Entry => toEntry(path, { mode: regular, content })
/** Here already, and left alone. */
const here = (path: string): FileSides => ({ base: entry(path), ours: entry(path), theirs: entry(path) })
const incoming = (path: string): FileSides => ({ base: null, ours: null, theirs: entry(path) })
const renamed = (from: string, to: string): FileSides => ({
  base: entry(from),
  ours: entry(from),
  theirs: entry(to, `of ${from}`),
})
const opaque = (path: string): FileSides => ({ base: null, ours: null, theirs: { ...entry(path), kind: 'opaque' } })

/** Where what came in lies, with what was in its way. */
function place(...files: FileSides[]): string[] {
  return planTree(files, 'ask').flatMap(({ plan: { action, conflicts } }) =>
    'path' in action ? [[action.path, ...conflicts.map(({ what }) => `!${what}`)].join(' ')] : [],
  )
}

test('TM10: a taken path, for an added file and for a renamed one', () => {
  expect(place(here('a.md'), renamed('b.md', 'a.md'))).toEqual(['a (GitHub).md !path-taken'])
  expect(place({ ...here('c.md'), ours: entry('a.md', 'of c.md') }, incoming('a.md'))).toEqual([
    'a (GitHub).md !path-taken',
  ])
  expect(place(renamed('a.md', 'c.md'), renamed('b.md', 'c.md'))).toEqual(['c.md', 'c (GitHub).md !path-taken'])
})

test('TM10: names may be exchanged, and what leaves is in nobody’s way', () => {
  expect(place(renamed('a.md', 'b.md'), renamed('b.md', 'a.md'))).toEqual(['b.md', 'a.md'])
  expect(place({ ...here('a.md'), theirs: null }, renamed('b.md', 'a.md'))).toEqual(['a.md'])
  expect(place(renamed('a', 'a/b'), incoming('a/c'))).toEqual(['a/b', 'a/c'])
  expect(place({ ...here('a/b'), theirs: null }, incoming('a'))).toEqual(['a'])
  expect(place(renamed('readme.md', 'README.md'))).toEqual(['README.md'])
})

test('TM10: what stays here although they deleted it keeps its place', () => {
  const kept: FileSides = { base: entry('a.md'), ours: entry('a.md', 'edited'), theirs: null }
  expect(place(kept, renamed('b.md', 'a.md'))).toEqual(['a (GitHub).md !path-taken'])
})

test('TM9 TM10: a policy leaves both where they are, as a record', () => {
  for (const policy of ['ours', 'theirs'] as const) {
    const [, came] = planTree([here('a.md'), renamed('b.md', 'a.md')], policy)
    expect(came?.plan).toMatchObject({
      action: { path: 'a (GitHub).md' },
      conflicts: [{ what: 'path-taken', settled: 'both' }],
    })
  }
})

test('TM11: twins of files and of folders', () => {
  expect(place(here('README.md'), incoming('readme.md'))).toEqual(['readme (GitHub).md !path-twin'])
  expect(place(here('caf\u00e9.md'), incoming('cafe\u0301.md'))).toEqual(['cafe\u0301 (GitHub).md !path-twin'])
  expect(place(here('Docs/a.md'), incoming('docs/a.md'), incoming('docs/b/c.md'))).toEqual([
    'docs (GitHub)/a.md !path-twin',
    'docs (GitHub)/b/c.md !path-twin',
  ])
  expect(place(incoming('B.md'), incoming('b.md'))).toEqual(['B.md', 'b (GitHub).md !path-twin'])
})

test('TM11: an opaque entry needs only a path of its own', () => {
  expect(place(here('README.md'), opaque('readme.md'), opaque('Readme.md'))).toEqual(['readme.md', 'Readme.md'])
  expect(place({ ...here('x'), ours: entry('README.md', 'of x') }, opaque('README.md'))).toEqual([
    'README (GitHub).md !path-taken',
  ])
  expect(place(here('docs/a'), opaque('docs'))).toEqual(['docs (GitHub) !path-folder'])
})

test('TM12: a file where a folder must be, and a folder where a file must be', () => {
  expect(place(here('docs'), incoming('docs/a.md'), incoming('docs/b.md'))).toEqual([
    'docs (GitHub)/a.md !path-folder',
    'docs (GitHub)/b.md !path-folder',
  ])
  expect(place(here('docs/a.md'), incoming('docs'))).toEqual(['docs (GitHub) !path-folder'])
  expect(place(here('docs/a.md'), incoming('DOCS'))).toEqual(['DOCS (GitHub) !path-folder'])
  expect(place(here('a/b'), incoming('a/b/c/d'), incoming('a/b/c/e'))).toEqual([
    'a/b (GitHub)/c/d !path-folder',
    'a/b (GitHub)/c/e !path-folder',
  ])
})

test('TM14: names that are taken too, names without extension, names that are all extension', () => {
  expect(place(here('a.md'), here('a (GitHub).md'), here('A (github 2).md'), renamed('b', 'a.md'))).toEqual([
    'a (GitHub 3).md !path-taken',
  ])
  expect(place(here('Makefile'), renamed('b', 'Makefile'))).toEqual(['Makefile (GitHub) !path-taken'])
  expect(place(here('.env'), renamed('b', '.env'))).toEqual(['.env (GitHub) !path-taken'])
  expect(place(here('x.tar.gz'), renamed('b', 'x.tar.gz'))).toEqual(['x.tar (GitHub).gz !path-taken'])
})

test('TM14: a free name is no longer than a name and a path may be', () => {
  const name = `${'é'.repeat(125)}.md`
  const [long = ''] = place(here(name), renamed('b', name))
  expect(long).toMatch(/^é+ \(GitHub\)\.md !path-taken$/)
  expect(Buffer.byteLength(long.replace(/ !.*/, ''))).toBeLessThanOrEqual(255)
  const path = `${Array.from({ length: 10 }, () => 'd'.repeat(99)).join('/')}/${'n'.repeat(24)}`
  const [deep = ''] = place(here(path), renamed('b', path))
  expect(deep).toMatch(/n \(GitHub\) !path-taken$/)
  expect(Buffer.byteLength(deep.replace(/ !.*/, ''))).toBe(1024)
})

test('TM10: the same files in any order find the same places', () => {
  const files = [here('a.md'), renamed('b', 'a.md'), renamed('c', 'A.md'), incoming('a.md/x')]
  expect(place(...files).sort()).toEqual(place(...files.toReversed()).sort())
})
