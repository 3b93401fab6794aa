import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyTextEdits, checkTextEdits, editText, type TextEdit } from './text-edit.ts'

const yText = (text: string): Y.Text => {
  const target = new Y.Doc().getText('text')
  target.insert(0, text)
  return target
}

const editsFor = (text: string, cuts: number[], words: string[]): TextEdit[] => {
  const points = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return words.flatMap((insert, i) => {
    const [from, to] = [points[2 * i], points[2 * i + 1]]
    return from === undefined || to === undefined ? [] : [{ at: from, remove: to - from, insert }]
  })
}

test('a Y.Text and a string end the same', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' '), maxLength: 30 })
  fc.assert(
    fc.property(
      letters,
      fc.array(fc.nat(60), { maxLength: 8 }),
      fc.array(letters, { maxLength: 4 }),
      (text, cuts, words) => {
        const edits = editsFor(text, cuts, words)
        checkTextEdits(text, edits)
        const target = yText(text)
        target.doc?.transact(() => applyTextEdits(target, edits))
        expect(target.toString()).toBe(editText(text, edits))
      },
    ),
  )
})

test('embeds of foreign clients do not shift the places', () => {
  const target = yText('abcdef')
  target.insertEmbed(2, { image: 1 })
  target.insertEmbed(0, { image: 2 })
  applyTextEdits(target, [
    { at: 1, remove: 2, insert: 'X' },
    { at: 6, remove: 0, insert: '!' },
  ])
  expect(target.toString()).toBe('aXdef!')
})

test.each([
  [
    'out of order',
    'abcd',
    [
      { at: 2, remove: 1, insert: '' },
      { at: 1, remove: 0, insert: 'x' },
    ],
  ],
  ['outside', 'abcd', [{ at: 3, remove: 2, insert: '' }]],
  ['through a character', 'a😀', [{ at: 2, remove: 0, insert: 'x' }]],
  ['half a character', 'a', [{ at: 1, remove: 0, insert: '\ud83d' }]],
])('edits %s are refused', (_name, text, edits) => {
  expect(() => checkTextEdits(text, edits)).toThrow(RangeError)
})
