import { EditorState, Text } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { splitsCharacter, wholeCharacters, widenChanges, widenReplacement } from './whole-characters.ts'

const grin = '😀'
const beam = '😁'

describe('edits on whole characters', () => {
  const doc = Text.of([`a${grin}b`])

  test('knows the middle of a surrogate pair', () => {
    expect([0, 1, 2, 3, 4].map((position) => splitsCharacter(doc, position))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ])
  })

  test('widens the exchange of the second half to the whole character', () => {
    expect(widenReplacement(doc, { from: 2, to: 3, insert: beam.charAt(1) })).toEqual({ from: 1, to: 3, insert: beam })
  })

  test('replaces a lone half by U+FFFD instead of leaving it to the document', () => {
    expect(widenReplacement(doc, { from: 0, to: 0, insert: '\ud83d' }).insert).toBe('\ufffd')
  })

  test('leaves ordinary edits alone', () => {
    const state = EditorState.create({ doc: `a${grin}b` })
    expect(widenChanges(state.doc, state.changes({ from: 1, to: 3, insert: beam }))).toBeNull()
  })

  test('every transaction of an editor state passes the filter and keeps the intended text', () => {
    const state = EditorState.create({ doc: `${grin}${grin}`, extensions: wholeCharacters })
    const transaction = state.update({ changes: { from: 1, to: 2, insert: beam.charAt(1) }, userEvent: 'input.type' })
    const ranges: [number, number, string][] = []
    transaction.changes.iterChanges((from, to, _b, _c, inserted) => ranges.push([from, to, inserted.toString()]))
    expect(ranges).toEqual([[0, 2, beam]])
    expect(transaction.newDoc.toString()).toBe(`${beam}${grin}`)
    expect(transaction.isUserEvent('input.type')).toBe(true)
  })

  test('random edits with random half characters never store a lone half', () => {
    let seed = 20_261_120
    const next = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    const pieces = [grin, beam, 'a', '\ud83d', '\ude00', '\n', '']
    let state = EditorState.create({ doc: grin.repeat(20), extensions: wholeCharacters })
    for (let round = 0; round < 2_000; round++) {
      const from = next(state.doc.length + 1)
      const to = Math.min(state.doc.length, from + next(4))
      state = state.update({ changes: { from, to, insert: pieces[next(pieces.length)] ?? '' } }).state
      expect(state.doc.toString().isWellFormed()).toBe(true)
    }
  })
})
