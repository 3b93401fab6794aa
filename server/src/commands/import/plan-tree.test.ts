import type { Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import { planTree } from './plan-tree.ts'

const entry = (path: string | Buffer, mode = 0o100644) => ({
  path: Buffer.from(path as string),
  mode,
  oid: 'a'.repeat(40) as Oid,
  bytes: 1,
})
const kindsOf = (...paths: (string | Buffer)[]) => planTree(paths.map((path) => entry(path))).map(({ kind }) => kind)

test('ordinary names are left to their content; links and submodules are known by their mode', () => {
  const plan = planTree([
    entry('a/ünï ☃.md'),
    entry('run.sh', 0o100755),
    entry('link', 0o120000),
    entry('vendor/lib', 0o160000),
  ])
  expect(plan.map(({ kind, mode }) => [kind, mode])).toEqual([
    [null, 0o100644],
    [null, 0o100755],
    ['symlink', 0o120000],
    ['submodule', 0o160000],
  ])
})

test('twins are opaque, all of them: by case, by normal form, and a file against a folder', () => {
  expect(kindsOf('README', 'readme', 'other')).toEqual(['opaque', 'opaque', null])
  expect(kindsOf('caf\u00e9', 'cafe\u0301')).toEqual(['opaque', 'opaque'])
  expect(kindsOf('Docs', 'docs/a')).toEqual(['opaque', null])
  expect(kindsOf('Docs/a', 'docs/b')).toEqual([null, null])
})

test('names that are not UTF-8 keep their bytes', () => {
  const raw = Buffer.from([0x66, 0xff, 0x2e, 0x63])
  const [planned] = planTree([entry(raw)])
  expect(planned).toMatchObject({ kind: 'opaque', path: 'f\ufffd.c' })
  expect(Buffer.from(planned?.pathRaw ?? [])).toEqual(raw)
})

test('names that nobody could make here are opaque', () => {
  expect(kindsOf('a\\b', 'tab\there', 'dot.', 'a/.git~1/x', 'ok')).toEqual(['opaque', 'opaque', 'opaque', null, null])
})

test('a path of any length has a key that an index can hold', () => {
  const long = `${'x'.repeat(200)}/`.repeat(40)
  const [one, two] = planTree([entry(`${long}1`), entry(`${long}2`)])
  expect(one?.kind).toBe('opaque')
  expect(Buffer.byteLength(one?.key ?? '')).toBeLessThan(2048)
  expect(one?.key).not.toBe(two?.key)
})
