/** The table of SPEC.md, cell by cell: our plan against the cell, and what comes of it against `git merge-tree`. */
import { readFileSync } from 'node:fs'
import type { OverlapPolicy } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { type ChangeWord, changeWords, describeChange } from './change.ts'
import type { PlannedFile } from './place-files.ts'
import { applyPlan } from './testing/apply-plan.ts'
import {
  executable,
  MergeOracle,
  regular,
  submodule,
  symlink,
  type TestFile,
  type TestTree,
  toEntry,
} from './testing/merge-oracle.ts'
import { type Entry, type FileSides, planFile } from './tree-plan.ts'

const oracle = new MergeOracle()
afterAll(() => oracle.remove())

const text = Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join('')
const file = (content: string, mode = regular): TestFile => ({ mode, content })
const commitOid = '1'.repeat(40)

type Side = 'ours' | 'theirs'
/** What each side does to the file `p`; where both do the same word they do it differently. */
const doings: Record<ChangeWord, (side: Side) => TestTree> = {
  unchanged: () => new Map([['p', file(text)]]),
  edited: (side) => new Map([['p', file(side === 'ours' ? `first\n${text}` : `${text}last\n`)]]),
  added: (side) =>
    new Map([
      ['p', file(text)],
      ['n', file(`new of ${side}\n`)],
    ]),
  deleted: () => new Map(),
  renamed: (side) => new Map([[side === 'ours' ? 'q' : 'r', file(text)]]),
  mode: () => new Map([['p', file(text, executable)]]),
  binary: (side) => new Map([['p', file(`${side}\0`)]]),
  type: (side) => new Map([['p', side === 'ours' ? file('elsewhere', symlink) : file(commitOid, submodule)]]),
}

/** Both sides at the same path, where the cell is about that. */
function makeTrees(ours: ChangeWord, theirs: ChangeWord): Record<'base' | Side, TestTree> {
  const base = new Map([['p', file(text)]])
  const trees = { base, ours: doings[ours]('ours'), theirs: doings[theirs]('theirs') }
  if (ours === 'added' && theirs === 'renamed') trees.theirs = new Map([['n', file(text)]])
  if (ours === 'renamed' && theirs === 'added') trees.ours = new Map([['n', file(text)]])
  return trees
}

const withIdentity = (tree: TestTree, word: ChangeWord) =>
  new Map([...tree].map(([path, held]) => [path, { ...held, basePath: path === 'n' && word === 'added' ? null : 'p' }]))

function applyCell(ours: ChangeWord, theirs: ChangeWord) {
  const trees = makeTrees(ours, theirs)
  const git = oracle.merge(trees)
  return { git, ...applyPlan({ ...trees, ours: withIdentity(trees.ours, ours) }, git.changes, oracle) }
}

/** A planned file in the words of a cell. */
function writeCell({ file: { ours }, plan }: PlannedFile<FileSides>): string {
  const { action } = plan
  const words: string[] = [action.do]
  if (action.do === 'take') {
    if (action.path !== ours?.path) words.push('path')
    if (action.mode !== ours?.mode) words.push('mode')
    if (action.content) words.push('content')
  }
  return [...words, ...plan.conflicts.map(({ what }) => `!${what}`)].join(' ')
}

const wordsOf = ({ base, ours, theirs }: FileSides) => [describeChange(base, ours), describeChange(base, theirs)]

function readTable(): Map<string, string[]> {
  const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8')
  const [, section = ''] = spec.split('### Ours in the rows')
  const rows = [...(section.split('\n### ')[0] ?? '').matchAll(/^\| \*\*(\w+)\*\* \|(.*)\|$/gm)]
  return new Map(rows.map(([, word = '', cells = '']) => [word, cells.split('|').map((cell) => cell.trim())]))
}

const table = readTable()

test('the table has a row and a column for every change, and no empty cell', () => {
  expect([...table.keys()]).toEqual([...changeWords])
  for (const cells of table.values()) {
    expect(cells).toHaveLength(changeWords.length)
    for (const cell of cells) expect(cell).not.toBe('')
  }
})

for (const ours of changeWords) {
  for (const [column, theirs] of changeWords.entries()) {
    test(`TM2 TM3 TM13: ${ours} here, ${theirs} there`, () => {
      const { git, planned, tree, conflicts, lines } = applyCell(ours, theirs)
      const touched = planned.filter(({ file }) => wordsOf(file).some((words) => words[0] !== 'unchanged'))
      const cells = touched.map(writeCell)
      // A file that was deleted here and left alone there is not even planned.
      if (cells.length === 0 || (ours === 'deleted' && theirs === 'added')) cells.push('keep')
      expect(cells.sort()).toEqual((table.get(ours)?.[column] ?? '').split('; ').sort())
      if (git.isClean) expect([...tree].sort()).toEqual([...git.tree].sort())
      expect(conflicts.length + lines > 0).toBe(!git.isClean)
    })
  }
}

const entry = (path: string, content: string, mode?: number): Entry => toEntry(path, file(content, mode))
const plan = (base: Entry | null, ours: Entry | null, theirs: Entry | null, policy: OverlapPolicy = 'ask') =>
  planFile({ base, ours, theirs }, policy)

test('a side is told in the words of the table, each by itself', () => {
  const base = entry('p', text)
  expect(describeChange(null, base)).toEqual(['added'])
  expect(describeChange(base, entry('q', 'x\n', executable))).toEqual(['edited', 'renamed', 'mode'])
  expect(describeChange(base, entry('q', 'x\0', executable))).toEqual(['renamed', 'mode', 'binary'])
  expect(describeChange(entry('p', 'x\0'), base)).toEqual(['binary'])
  expect(describeChange(entry('p', 'x', symlink), entry('p', 'y', symlink))).toEqual(['binary'])
  expect(describeChange(base, entry('p', 'x', symlink))).toEqual(['type'])
  expect(describeChange(null, null)).toEqual(['unchanged'])
})

test('TM2: what both did alike is no conflict', () => {
  const base = entry('p', text)
  for (const both of [entry('q', `${text}x`, executable), entry('p', '\0'), entry('p', 'x', symlink)]) {
    expect(plan(base, both, both)).toEqual({ action: { do: 'keep' }, conflicts: [] })
    expect(plan(null, both, both)).toEqual({ action: { do: 'keep' }, conflicts: [] })
  }
  expect(plan(base, null, null).action.do).toBe('keep')
})

test('TM3: a rename here, an edit there and a mode there come together', () => {
  const theirs = entry('p', `${text}x`, executable)
  expect(plan(entry('p', text), entry('q', `y${text}`), theirs)).toEqual({
    action: { do: 'merge-text', path: 'q', mode: executable, base: entry('p', text).oid, theirs: theirs.oid },
    conflicts: [],
  })
  expect(plan(entry('p', text), entry('q', text), entry('p', '\0', executable)).action).toEqual({
    do: 'take',
    path: 'q',
    mode: executable,
    content: { oid: entry('p', '\0').oid, kind: 'binary' },
  })
})

test('TM4: two new texts have the empty text as base, and so have two that came from another type', () => {
  const [ours, theirs] = [entry('p', 'ours\n'), entry('p', 'theirs\n')]
  const merged = { do: 'merge-text', path: 'p', mode: regular, base: null, theirs: theirs.oid }
  expect(plan(null, ours, theirs)).toEqual({ action: merged, conflicts: [] })
  expect(plan(entry('p', 'x', symlink), ours, theirs)).toEqual({ action: merged, conflicts: [] })
})

test('TM4 TM5: lines are merged only where all three sides have them', () => {
  const theirs = entry('p', 'theirs\n')
  expect(plan(entry('p', '\0'), entry('p', 'ours\n'), theirs)).toEqual({
    action: { do: 'keep' },
    conflicts: [{ what: 'both-binary', settled: null }],
  })
  expect(plan(entry('p', '\0'), entry('p', '\0'), theirs).action).toMatchObject({
    do: 'take',
    content: { kind: 'text' },
  })
})

test('TM5: targets of symlinks, submodules, LFS pointers and opaque entries are whole values', () => {
  const lfs = (content: string): Entry => ({ ...entry('p', content), kind: 'lfs' })
  const opaque = (content: string): Entry => ({ ...entry('p', content), kind: 'opaque' })
  const link = (content: string) => entry('p', content, symlink)
  const module = (digit: string) => entry('p', digit.repeat(40), submodule)
  for (const [base, ours, theirs] of [
    [lfs('a'), lfs('b'), lfs('c')],
    [opaque('a'), opaque('b'), opaque('c')],
    [link('a'), link('b'), link('c')],
    [module('a'), module('b'), module('c')],
  ] as const) {
    expect(plan(base, ours, theirs)).toEqual({
      action: { do: 'keep' },
      conflicts: [{ what: 'both-binary', settled: null }],
    })
    expect(plan(null, ours, theirs)).toEqual({
      action: { do: 'keep' },
      conflicts: [{ what: 'both-added', settled: null }],
    })
    expect(plan(base, base, theirs).action).toEqual({
      do: 'take',
      path: 'p',
      mode: theirs.mode,
      content: { oid: theirs.oid, kind: theirs.kind },
    })
    expect(plan(base, ours, base).action).toEqual({ do: 'keep' })
  }
})

test('TM5: an opaque entry stays one, whatever its content, until it has another name', () => {
  const base: Entry = { ...entry('A.md', 'x\n'), kind: 'opaque' }
  expect(plan(base, base, entry('A.md', 'y\n')).action).toMatchObject({ do: 'take', content: { kind: 'opaque' } })
  expect(plan(base, base, entry('B.md', 'y\n')).action).toMatchObject({ do: 'take', content: { kind: 'text' } })
})

test('TM6: a rename with an edit against a deletion is told as an edit', () => {
  const [base, both] = [entry('p', text), entry('q', `${text}x`)]
  expect(plan(base, both, null).conflicts).toEqual([{ what: 'edited-deleted', settled: null }])
  expect(plan(base, null, both).conflicts).toEqual([{ what: 'deleted-edited', settled: null }])
})

test('TM7: two names keep ours, and lines are merged all the same', () => {
  const [base, ours, theirs] = [entry('p', text), entry('q', text), entry('r', `${text}x`)]
  expect(plan(base, ours, theirs)).toEqual({
    action: { do: 'merge-text', path: 'q', mode: regular, base: base.oid, theirs: theirs.oid },
    conflicts: [{ what: 'both-renamed', settled: null }],
  })
})

test('TM7: two modes of new files; the old spelling of a mode', () => {
  expect(plan(null, entry('p', text), entry('p', text, executable))).toEqual({
    action: { do: 'keep' },
    conflicts: [{ what: 'both-mode', settled: null }],
  })
  const [old, plain] = [entry('p', text, 0o100664), entry('p', text)]
  expect(plan(old, entry('p', text, executable), plain)).toEqual({ action: { do: 'keep' }, conflicts: [] })
  expect(plan(old, old, plain).action).toEqual({ do: 'take', path: 'p', mode: regular, content: null })
  expect(plan(old, plain, entry('p', text, executable)).action).toMatchObject({ do: 'take', mode: executable })
})

test('TM8: another type is taken where ours did nothing, and both alike are merged as what they are now', () => {
  const [base, link] = [entry('p', text), entry('q', 'x', symlink)]
  expect(plan(base, base, link)).toEqual({
    action: { do: 'take', path: 'q', mode: symlink, content: { oid: link.oid, kind: 'symlink' } },
    conflicts: [],
  })
  expect(plan(base, entry('p', 'a', symlink), entry('p', 'b', symlink)).conflicts).toEqual([
    { what: 'both-type', settled: null },
  ])
})

test('TM9: a policy settles every conflict; theirs is taken by it, ours kept', () => {
  const base = entry('p', text)
  const theirs = entry('r', '\0', executable)
  const cases: [Entry | null, Entry | null, Entry | null, object][] = [
    [base, entry('q', text), null, { do: 'delete' }],
    [base, null, theirs, { do: 'add', path: 'r', mode: executable, oid: theirs.oid, kind: 'binary' }],
    [base, entry('q', text), theirs, { do: 'take', path: 'r', mode: executable }],
    [base, entry('p', 'x\0'), theirs, { do: 'take', content: { oid: theirs.oid, kind: 'binary' } }],
    [base, entry('p', 'x', symlink), theirs, { do: 'take', content: { oid: theirs.oid, kind: 'binary' } }],
    [null, entry('r', 'x'), theirs, { do: 'take', mode: executable, content: { oid: theirs.oid, kind: 'binary' } }],
  ]
  for (const [was, ours, theirs, taken] of cases) {
    const open = plan(was, ours, theirs)
    expect(open.conflicts.length).toBeGreaterThan(0)
    expect(plan(was, ours, theirs, 'branch')).toEqual(open)
    expect(plan(was, ours, theirs, 'ours').action).toEqual(open.action)
    expect(plan(was, ours, theirs, 'theirs').action).toMatchObject(taken)
    for (const policy of ['ours', 'theirs'] as const) {
      const settled = plan(was, ours, theirs, policy).conflicts
      expect(settled).toEqual(open.conflicts.map(({ what }) => ({ what, settled: policy })))
    }
  }
})
