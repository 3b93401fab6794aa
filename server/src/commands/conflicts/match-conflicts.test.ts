/** Conflicts that a merge finds, and those that are listed already. */
import type { Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import { type FoundConflict, type ListedConflict, matchConflicts } from './match-conflicts.ts'

const first = 'a'.repeat(40) as Oid
const second = 'b'.repeat(40) as Oid

const found = (from: number, to: number, base = 'base\n', theirs = 'theirs\n'): FoundConflict => {
  return { from, to, base, ours: '', theirs }
}
const open = (id: string, from: number, to: number, theirs = 'theirs\n', remoteOid = first): ListedConflict => {
  return { id, base: 'base\n', ours: '', theirs, remoteOid, isOpen: true, at: { from, to } }
}
const match = (
  conflicts: FoundConflict[],
  waiting: ListedConflict[],
  changes = [] as Parameters<typeof matchConflicts>[2],
) => matchConflicts(conflicts, waiting, changes, { remote: second })

test('CF5: what the same pull has listed at a place is told anew, and is not listed twice', () => {
  expect(match([found(4, 8), found(20, 24)], [open('x', 4, 8, '', second)]).of).toEqual([
    { id: 'x', isListed: false },
    null,
  ])
  expect(match([found(5, 6)], [open('x', 4, 8, '', second)]).of).toEqual([{ id: 'x', isListed: true }])
})

test('CF5: what somebody has decided of the same pull is not asked again, whatever the text reads since', () => {
  const decided = { ...open('x', 4, 8, 'theirs\n', second), isOpen: false }
  const listed = { id: 'x', isListed: true }
  expect(match([found(4, 8), found(5, 7, 'b\n', ''), found(2, 9)], [decided]).of).toEqual([listed, listed, listed])
  expect(match([found(2, 9, 'more\nbase\n'), found(20, 24)], [decided]).of).toEqual([null, null])
})

test('CF4: where ours is given up, it is kept in any case', () => {
  const decided = { ...open('x', 4, 8, 'theirs\n', second), isOpen: false }
  for (const listed of [decided, open('x', 4, 8, 'theirs\n', second), open('x', 4, 8, 'base\n')]) {
    expect(matchConflicts([found(5, 7)], [listed], [], { remote: second, givesUp: true }).of).toEqual([null])
  }
})

test('CF6: a later conflict around earlier ones takes the place of the first, and the others are closed', () => {
  const { of, superseded } = match([found(0, 30)], [open('x', 4, 8), open('y', 10, 14), open('z', 40, 50)])
  expect(of).toEqual([{ id: 'x', isListed: false }])
  expect(superseded).toEqual(['y'])
})

test('CF6: what of ours stands nowhere but in an open conflict stays with it, and a new one is told', () => {
  const used = { ...open('x', 4, 8), ours: 'ours\n' }
  const { of, superseded } = match([{ ...found(4, 8), ours: 'theirs, typed on\n' }], [used])
  expect([of, superseded]).toEqual([[null], ['x']])
})

test('CF6: a later conflict within an earlier one brings its theirs up to date, where that is clear', () => {
  const waiting = [open('x', 0, 40, 'one\ntwo\nthree\n')]
  const { of, goneOn } = match([found(4, 8, 'two\n', 'zwei\n')], waiting)
  expect(of).toEqual([{ id: 'x', isListed: true }])
  expect(goneOn).toEqual(new Map([['x', 'one\nzwei\nthree\n']]))
  for (const theirs of ['one\n', 'two\ntwo\n', 'not two\n']) {
    expect(match([found(4, 8, 'two\n', 'zwei\n')], [open('x', 0, 40, theirs)]).of).toEqual([null])
  }
})

test('CF6: where theirs has gone on beside lines in conflict, the earlier one knows of it', () => {
  const changes = [
    { from: 4, to: 8, before: 'two\n', after: 'zwei\n' },
    { from: 50, to: 60, before: 'one\n', after: 'eins\n' },
  ]
  const { goneOn } = match([], [open('x', 0, 40, 'one\ntwo\nthree\n')], changes)
  expect(goneOn).toEqual(new Map([['x', 'one\nzwei\nthree\n']]))
})

test('CF6: conflicts that overlap in part both stay, and one whose place is gone is nobody else', () => {
  const { of, superseded, goneOn } = match([found(6, 12)], [open('x', 4, 8), { ...open('y', 0, 0), at: null }])
  expect([of, superseded, goneOn.size]).toEqual([[null], [], 0])
})
