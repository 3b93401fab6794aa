/** The merge of texts: cases by hand, and the properties that people rely on. What Git makes of the same texts is asked in the fuzz test. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { GitTextMerge } from './text-merge.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'skein-text-merge-'))
const searchPath = process.env.PATH ?? '/usr/bin:/bin'
const merger = new GitTextMerge({ searchPath, directory })
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(() => expect(readdirSync(directory)).toEqual([]))

const merge = (base: string, ours: string, theirs: string) => merger.merge(base, ours, theirs)
const clean = (text: string) => ({ text, conflicts: [] })

test('GS5: what one side changed alone is taken, and what both changed alike is no conflict', async () => {
  expect(await merge('a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nC\n')).toEqual(clean('A\nb\nC\n'))
  expect(await merge('a\nb\nc\nd\n', 'A\nb\nc\nd\n', 'A\nb\nc\nD\n')).toEqual(clean('A\nb\nc\nD\n'))
  expect(await merge('a\nb\nc\n', 'b\nc\n', 'a\nb\nc\nd\n')).toEqual(clean('b\nc\nd\n'))
})

test('without Git: nothing of theirs is ours, nothing of ours is theirs', async () => {
  const away = new GitTextMerge({ searchPath: '/nonexistent', directory })
  for (const text of ['', 'x', 'x\r\ny', '\u2028\r\0']) {
    expect(await away.merge('base\n', text, 'base\n')).toEqual(clean(text))
    expect(await away.merge('base\n', 'base\n', text)).toEqual(clean(text))
    expect(await away.merge('base\n', text, text)).toEqual(clean(text))
  }
  await expect(away.merge('a\n', 'b\n', 'c\n')).rejects.toThrow('git cannot be started')
})

test('GS5: a line that both changed stays ours, and is told with base and theirs and its place in both texts', async () => {
  expect(await merge('t\na\nb\nz\n', 't\na\nours\nz\n', 'T\na\ntheirs\nz\n')).toEqual({
    text: 'T\na\nours\nz\n',
    conflicts: [{ from: 4, to: 9, at: 4, base: 'b\n', ours: 'ours\n', theirs: 'theirs\n' }],
  })
  expect(await merge('a\nb\nc\nd\n', 'a\nb\nours\nd\n', 'new\na\nb\ntheirs\nd\n')).toEqual({
    text: 'new\na\nb\nours\nd\n',
    conflicts: [{ from: 4, to: 9, at: 8, base: 'c\n', ours: 'ours\n', theirs: 'theirs\n' }],
  })
})

test('GS5: a change beside a changed line is a conflict; one line between is enough', async () => {
  expect((await merge('a\nb\nc\n', 'A\nb\nc\n', 'a\nB\nc\n')).conflicts).toHaveLength(1)
  expect(await merge('a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nC\n')).toEqual(clean('A\nb\nC\n'))
})

test('where ours deleted the lines the range is empty, at their place', async () => {
  expect(await merge('a\nb\nc\n', 'a\nc\n', 'a\nB\nc\n')).toEqual({
    text: 'a\nc\n',
    conflicts: [{ from: 2, to: 2, at: 2, base: 'b\n', ours: '', theirs: 'B\n' }],
  })
  expect(await merge('a\n', '', 'b\n')).toEqual({
    text: '',
    conflicts: [{ from: 0, to: 0, at: 0, base: 'a\n', ours: '', theirs: 'b\n' }],
  })
})

test('two new texts have the empty text as base; lines that they share at either end are no question', async () => {
  expect(await merge('', 'title\nours\nend\n', 'title\ntheirs\nend\n')).toEqual({
    text: 'title\nours\nend\n',
    conflicts: [{ from: 6, to: 11, at: 6, base: '', ours: 'ours\n', theirs: 'theirs\n' }],
  })
})

test('no line end at the end of the text, on any side', async () => {
  expect(await merge('a\nb\nc', 'A\nb\nc', 'a\nb\nc\n')).toEqual(clean('A\nb\nc\n'))
  expect(await merge('a\nb\nc', 'A\nb\nc', 'a\nb\nC')).toEqual(clean('A\nb\nC'))
  expect(await merge('a\nb', 'a\nours', 'a\ntheirs')).toEqual({
    text: 'a\nours',
    conflicts: [{ from: 2, to: 6, at: 2, base: 'b', ours: 'ours', theirs: 'theirs' }],
  })
})

test('line ends, separators, NUL and halves of characters come through as they are', async () => {
  const odd = ['\r\n', 'a\rb\n', 'x\u2028y\u2029\n', '\0\n', 'half \ud83d\n', '\ufeff\n', '\ud83d\ude00']
  const base = `first\n${odd.join('')}`
  expect(await merge(base, `1\n${odd.join('')}`, `first\n${odd.slice(0, -1).join('')}last`)).toEqual(
    clean(`1\n${odd.slice(0, -1).join('')}last`),
  )
  const both = await merge('a\r\nb\r\n', 'a\r\nours\r\n', 'a\r\ntheirs\n')
  expect(both.conflicts).toEqual([{ from: 3, to: 9, at: 3, base: 'b\r\n', ours: 'ours\r\n', theirs: 'theirs\n' }])
})

test('a text that holds conflict markers, and lines of diffs, is a text like any other', async () => {
  const markers = [
    '<<<<<<< ours',
    '||||||| base',
    '=======',
    '>>>>>>> theirs',
    '@@ -1 +1 @@',
    'diff --git a b',
    '-x',
    '+y',
    '--- a',
    '',
  ]
  const base = `${markers.join('\n')}\nkept\nb\n`
  expect(await merge(base, base.replace('b\n', '=======\n'), `>>>>>>>\n${base}`)).toEqual(
    clean(`>>>>>>>\n${base.replace('b\n', '=======\n')}`),
  )
  const { conflicts } = await merge(base, base.replace('\nb\n', '\n<<<<<<<\n'), base.replace('\nb\n', '\n=======\n'))
  expect(conflicts).toMatchObject([{ base: 'b\n', ours: '<<<<<<<\n', theirs: '=======\n' }])
})

test('texts of 4 MiB, of long lines, short lines and one line', async () => {
  const size = 4 * 1024 * 1024
  const long = Array.from({ length: size / 1024 }, (_, i) => `${i} ${'x'.repeat(1015)}`)
  const changed = (lines: string[], at: number, line: string) => lines.toSpliced(at, 1, line).join('\n')
  expect(await merge(long.join('\n'), changed(long, 3, 'ours'), changed(long, 900, 'theirs'))).toEqual(
    clean(long.toSpliced(3, 1, 'ours').toSpliced(900, 1, 'theirs').join('\n')),
  )
  const empty = '\n'.repeat(size)
  expect(await merge(empty, `ours${empty}`, `${empty}theirs`)).toEqual(clean(`ours${empty}theirs`))
  const one = 'x'.repeat(size)
  expect((await merge(one, `${one}y`, `z${one}`)).conflicts).toHaveLength(1)
})

test('many at once wait for their turn, and leave nothing behind, also when Git fails', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => `line ${i}\n`)
  const merged = await Promise.all(texts.map((line) => merge(`a\nb\n${line}`, `A\nb\n${line}`, `a\nb\n${line}end\n`)))
  expect(merged).toEqual(texts.map((line) => clean(`A\nb\n${line}end\n`)))
  const away = new GitTextMerge({ searchPath: '/nonexistent', directory: path.join(directory, 'inner') })
  for (let i = 0; i < 5; i++) await expect(away.merge('a\n', 'b\n', 'c\n')).rejects.toThrow()
  expect(readdirSync(path.join(directory, 'inner'))).toEqual([])
  rmSync(path.join(directory, 'inner'), { recursive: true })
  expect(existsSync(directory)).toBe(true)
})

test('GS5: texts that are merged at the same time do not mix, whatever their number', async () => {
  const textOf = (n: number, line: string) => [`text ${n}`, 'a', line, 'b', 'c', 'd', `end ${n}`, ''].join('\n')
  const merged = await Promise.all(
    Array.from({ length: 100 }, (_, n) => {
      const theirs = n % 3 === 0 ? textOf(n, `theirs ${n}`) : textOf(n, 'same').replace('d\n', `theirs ${n}\n`)
      return merge(textOf(n, 'same'), textOf(n, `ours ${n}`), theirs)
    }),
  )
  for (const [n, { text, conflicts }] of merged.entries()) {
    const clash = { base: 'same\n', ours: `ours ${n}\n`, theirs: `theirs ${n}\n` }
    expect(conflicts).toMatchObject(n % 3 === 0 ? [clash] : [])
    expect(text).toBe(n % 3 === 0 ? textOf(n, `ours ${n}`) : textOf(n, `ours ${n}`).replace('d\n', `theirs ${n}\n`))
  }
})
