/** Which entries are one file. */
import { expect, test } from 'vitest'
import { type OurFile, pairFiles } from './pair-files.ts'
import { regular, toEntry } from './testing/merge-oracle.ts'

const entry = (path: string, content = path) => toEntry(path, { mode: regular, content })
const our = (basePath: string | null, path: string, content = path): OurFile => ({
  basePath,
  entry: entry(path, content),
})
const base = new Map([entry('a'), entry('b')].map((held) => [held.path, held]))
const paths = (files: ReturnType<typeof pairFiles>) =>
  files.map(({ base: was, ours, theirs }) => [was, ours, theirs].map((held) => held?.path ?? null))

test('TM1: ours is known by identity, theirs by its rename', () => {
  const files = pairFiles(base, [our('a', 'x'), our('b', 'b')], [{ from: 'a', to: entry('y') }])
  expect(paths(files)).toEqual([
    ['a', 'x', 'y'],
    ['b', 'b', 'b'],
  ])
})

test('TM1: two files of ours that exchanged their names stay who they are', () => {
  const files = pairFiles(base, [our('a', 'b'), our('b', 'a')], [{ from: 'a', to: entry('a', 'edited') }])
  expect(paths(files)).toEqual([
    ['a', 'b', 'a'],
    ['b', 'a', 'b'],
  ])
})

test('TM1: a file made anew at the path of one that is gone is that file; beside a renamed one it is new', () => {
  const edit = { from: 'a', to: entry('a', 'edited') }
  expect(paths(pairFiles(base, [our(null, 'a', 'anew'), our('b', 'b')], [edit]))[0]).toEqual(['a', 'a', 'a'])
  expect(paths(pairFiles(base, [our('a', 'x'), our(null, 'a', 'new'), our('b', 'b')], [edit]))).toEqual([
    ['a', 'x', 'a'],
    ['b', 'b', 'b'],
    [null, 'a', null],
  ])
})

test('TM1: two new files at one path are one; a new one at the path of a renamed one is not', () => {
  const added = [{ from: null, to: entry('n', 'theirs') }]
  expect(paths(pairFiles(base, [our(null, 'n', 'ours')], added))).toEqual([[null, 'n', 'n']])
  expect(paths(pairFiles(base, [our('a', 'n')], added))).toEqual([
    [null, null, 'n'],
    ['a', 'n', 'a'],
  ])
})

test('what one side deleted; what the base does not tell of', () => {
  expect(paths(pairFiles(base, [our('b', 'b')], [{ from: 'a', to: entry('a', 'edited') }]))).toEqual([
    ['a', null, 'a'],
    ['b', 'b', 'b'],
  ])
  expect(paths(pairFiles(base, [our('a', 'a')], [{ from: 'a', to: null }]))).toEqual([['a', 'a', null]])
  expect(paths(pairFiles(new Map(), [our('a', 'x')], []))).toEqual([[null, 'x', null]])
  expect(() => pairFiles(new Map(), [], [{ from: 'a', to: null }])).toThrow('has nothing at "a"')
})

test('the row of the caller comes out with its file, each once', () => {
  const ours = [our('a', 'a'), our(null, 'n')]
  const files = pairFiles(base, ours, [])
  expect(files.map((file) => file.our)).toEqual(ours)
})
