/** Which lines edits have changed. */
import { expect, test } from 'vitest'
import { changedLines, wholeLines } from './changed-lines.ts'
import { editText, type TextEdit } from './text-edit.ts'

const linesOf = (before: string, ...edits: TextEdit[]) =>
  changedLines(before, editText(before, edits), edits).map((lines) => [lines.before, lines.after])

test('a word that is replaced changes its line; two words of a line, or lines that touch, are one place', () => {
  const text = 'one two\nthree\nfour\nfive\n'
  expect(linesOf(text, { at: 4, remove: 3, insert: '2' })).toEqual([['one two\n', 'one 2\n']])
  expect(linesOf(text, { at: 0, remove: 3, insert: '1' }, { at: 4, remove: 3, insert: '2' })).toEqual([
    ['one two\n', '1 2\n'],
  ])
  expect(linesOf(text, { at: 0, remove: 3, insert: '1' }, { at: 8, remove: 5, insert: '3' })).toEqual([
    ['one two\nthree\n', '1 two\n3\n'],
  ])
  expect(linesOf(text, { at: 0, remove: 3, insert: '1' }, { at: 14, remove: 4, insert: '4' })).toEqual([
    ['one two\n', '1 two\n'],
    ['four\n', '4\n'],
  ])
})

test('whole lines that come or go change no other line', () => {
  const text = 'one\ntwo\n'
  expect(linesOf(text, { at: 4, remove: 0, insert: 'new\n' })).toEqual([['', 'new\n']])
  expect(linesOf(text, { at: 0, remove: 4, insert: '' })).toEqual([['one\n', '']])
  expect(linesOf(text, { at: 8, remove: 0, insert: 'end' })).toEqual([['', 'end']])
  expect(linesOf(text, { at: 7, remove: 0, insert: '\nmore' })).toEqual([['two\n', 'two\nmore\n']])
})

test('ranges stand in the text after the edits', () => {
  const before = 'a\nb\nc\n'
  const edits = [
    { at: 0, remove: 2, insert: 'long first line\n' },
    { at: 4, remove: 1, insert: 'C' },
  ]
  const after = editText(before, edits)
  for (const lines of changedLines(before, after, edits)) expect(after.slice(lines.from, lines.to)).toBe(lines.after)
})

test('a range is widened to whole lines, and one that is whole lines stays', () => {
  const text = 'one\ntwo\nthree'
  const widen = (from: number, to: number) => {
    const lines = wholeLines(text, { from, to })
    return text.slice(lines.from, lines.to)
  }
  expect(widen(5, 6)).toBe('two\n')
  expect(widen(4, 8)).toBe('two\n')
  expect(widen(4, 4)).toBe('')
  expect(widen(5, 5)).toBe('two\n')
  expect(widen(2, 9)).toBe('one\ntwo\nthree')
})
