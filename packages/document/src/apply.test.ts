import { diffToHunks } from '@skein/merge'
import { describe, expect, test } from 'vitest'
import { planHunks, plannedEdits } from './apply.ts'
import { entry, MINE, merged } from './testing/merged.ts'
import { editText } from './text-edit.ts'

describe('AE4: what a hunk becomes', () => {
  test('AE4: applied where nothing happened, rebased where it only moved', () => {
    expect(merged('a\nb\nc\n', 'a\nB\nc\n', [])).toMatchObject({ text: 'a\nB\nc\n', outcomes: ['applied'] })
    const moved = merged('a\nb\nc\n', 'a\nB\nc\nd\n', ['top\na\nb\nc\n'])
    expect(moved).toMatchObject({ text: 'top\na\nB\nc\nd\n', outcomes: ['rebased', 'rebased'] })
  })

  test('AE4: blue and red on both sides: one is there, the other is for a person, and never both', () => {
    const base = 'colour: blue;\n'
    expect(merged(base, 'colour: red;\n', ['colour: red;\n'])).toMatchObject({
      text: 'colour: red;\n',
      outcomes: ['noop'],
    })
    expect(merged(base, 'colour: red;\n', ['colour: ;\n', 'colour: r;\n', 'colour: red;\n']).text).toBe(
      'colour: red;\n',
    )
    expect(merged(base, 'colour: red;\n', ['colour: navy;\n'])).toMatchObject({
      text: 'colour: navy;\n',
      outcomes: ['review:changed'],
    })
    expect(merged(base, 'colour: red;\n', ['colour: bluish;\n']).text).toBe('colour: bluish;\n')
  })

  test('AE4: a whole-file rewrite leaves the line that a person added where it is', () => {
    const base = 'one\ntwo\nthree\n'
    const { text, outcomes } = merged(base, 'eins\ntwo\ndrei\n', ['one\ntwo\nmine\nthree\n'])
    expect(text).toBe('eins\ntwo\nmine\ndrei\n')
    expect(outcomes).toEqual(['applied', 'rebased'])
  })

  test('AE4: both append: both stay, and the same line only once', () => {
    expect(merged('a\n', 'a\nmine\n', ['a\ntheirs\n'])).toMatchObject({
      text: 'a\ntheirs\nmine\n',
      outcomes: ['rebased'],
    })
    expect(merged('a\n', 'a\nsame\n', ['a\nsame\n'])).toMatchObject({ text: 'a\nsame\n', outcomes: ['noop'] })
    expect(merged('a', 'a\nmine', ['a\ntheirs']).text).toBe('a\ntheirs\nmine')
  })

  test('AE4: whole lines go before what somebody is typing at the same point, not into it', () => {
    expect(merged('a\nb\n', 'a\nmine\nb\n', ['a\nhalf a wordb\n']).text).toBe('a\nmine\nhalf a wordb\n')
  })

  test('AE4: letters typed at the edge of a word that is replaced do not melt with it', () => {
    const beside = (base: string, mine: string, at: number, typed: string) => {
      const entries = [entry(base, [{ at, remove: 0, insert: typed }])]
      const current = editText(base, [{ at, remove: 0, insert: typed }])
      return planHunks({ base, hunks: diffToHunks(base, mine), entries, current, run: MINE })
    }
    const reviewed = [{ outcome: 'review', reason: 'beside' }]
    expect(beside('a blue car', 'a red car', 6, 'ish')).toMatchObject(reviewed)
    expect(beside('a blue car', 'a red car', 2, 'sky')).toMatchObject(reviewed)
    expect(beside('cat', 'cat\nx', 3, 'alogue')).toMatchObject([{ outcome: 'write', from: 9 }])
    expect(beside('a\n', 'a\nmine', 2, 'theirs')).toMatchObject(reviewed)
    expect(beside('a blue car', 'a red car', 6, ', fast')).toMatchObject([{ outcome: 'write', from: 2, to: 6 }])
  })

  test('AE4: a deletion against an edit, and an edit against a deletion, are for a person', () => {
    expect(merged('a\nb c d\ne\n', 'a\ne\n', ['a\nb C d\ne\n'])).toMatchObject({
      text: 'a\nb C d\ne\n',
      outcomes: ['review:changed'],
    })
    expect(merged('a\nb c d\ne\n', 'a\nb C d\ne\n', ['a\ne\n'])).toMatchObject({
      text: 'a\ne\n',
      outcomes: ['review:changed'],
    })
    expect(merged('a\nb\ne\n', 'a\ne\n', ['a\ne\n'])).toMatchObject({ text: 'a\ne\n', outcomes: ['noop'] })
  })

  test('AE4: somebody who types at the start of a line is at work in it: it does not go', () => {
    expect(merged('a\nb\nc\n', 'a\nc\n', ['a\nnew b\nc\n'])).toMatchObject({
      text: 'a\nnew b\nc\n',
      outcomes: ['review:beside'],
    })
  })

  test('AE4: the empty file, and hunks at its start and its end', () => {
    expect(merged('', 'all', [])).toMatchObject({ text: 'all', outcomes: ['applied'] })
    expect(merged('', 'mine\n', ['theirs\n']).text).toBe('theirs\nmine\n')
    expect(merged('all', '', [])).toMatchObject({ text: '', outcomes: ['applied'] })
    expect(merged('a b c', 'A b C', ['a b b c']).text).toBe('A b b C')
  })

  test('AE4: characters of two halves', () => {
    expect(merged('x 😀 y', 'x 😁 y', ['x 😀 yy']).text).toBe('x 😁 yy')
    expect(merged('x 😀 y', 'x 😁 y', ['x 😂 y'])).toMatchObject({ text: 'x 😂 y', outcomes: ['review:changed'] })
  })

  test('AE4: a hunk waits while somebody types on its lines', () => {
    const base = 'one two\nthree\n'
    const typing = [entry(base, [{ at: 7, remove: 0, insert: '!' }])]
    const current = 'one two!\nthree\n'
    const hunks = diffToHunks(base, 'ONE two\nTHREE\n')
    const planned = planHunks({ base, hunks, entries: typing, current, run: MINE, typing })
    expect(planned.map(({ outcome }) => outcome)).toEqual(['waiting', 'write'])
    expect(editText(current, plannedEdits(planned))).toBe('one two!\nTHREE\n')
  })

  test('AE6: a run that is tried again after a crash finds what it has written, whatever was typed into it since', () => {
    const base = 'one\ntwo\n'
    const hunks = diffToHunks(base, 'uno\ntwo\ntres\n')
    const mine = entry(base, hunks, MINE)
    const written = editText(base, hunks)
    const typed = entry(written, [{ at: 1, remove: 0, insert: 'xx' }])
    const current = editText(written, [{ at: 1, remove: 0, insert: 'xx' }])
    const planned = planHunks({ base, hunks, entries: [mine, typed], current, run: MINE, isRetry: true })
    expect(planned.map(({ outcome }) => outcome)).toEqual(['written', 'written'])
  })
})

test('AE5: nothing but what was read is removed, even when the same run wrote over it', () => {
  const base = 'one'
  const mine = entry(base, [{ at: 0, remove: 3, insert: 'two' }], MINE)
  const [plan] = planHunks({
    base,
    hunks: [{ at: 0, remove: 3, insert: 'three' }],
    entries: [mine],
    current: 'two',
    run: MINE,
  })
  expect(plan).toMatchObject({ outcome: 'review', reason: 'changed', others: [] })
})
