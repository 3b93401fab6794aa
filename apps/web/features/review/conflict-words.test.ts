import type { Conflict, ConflictSide, GithubStatus, Oid } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { operationSample } from '../sync/sync-samples.ts'
import {
  canUse,
  decisionToWords,
  deedOf,
  doneLabel,
  endToWords,
  factsOfSide,
  isInFile,
  neighbourOf,
  ownDecisionToWords,
  placeOf,
  pullOf,
  standingInFile,
  whatHappened,
} from './conflict-words.ts'

const oid = (letter: string) => letter.repeat(40) as Oid
const text = (content: string): ConflictSide => ({ text: content, path: null, mode: null, oid: null, bytes: null })
const file = (more: Partial<ConflictSide> = {}): ConflictSide => ({
  text: null,
  path: 'a.png',
  mode: '100644',
  oid: oid('a'),
  bytes: 2_048,
  ...more,
})
const conflict = (more: Partial<Conflict>): Conflict => ({
  id: 'c',
  kind: 'lines',
  what: 'lines',
  path: 'notes/heron-colony.md',
  fileId: null,
  documentId: null,
  line: 18,
  present: 'Fourteen\n',
  contextBefore: '',
  contextAfter: '',
  base: text('Twelve\n'),
  ours: text('Fourteen\n'),
  theirs: text('Twelve, two empty\n'),
  oursBy: [],
  remote: { oid: oid('c'), authorName: 'Mei', at: null },
  state: 'open',
  choice: null,
  resolvedBy: null,
  resolvedAt: null,
  createdAt: '2026-11-20T09:00:00Z',
  ...more,
})
const both = (item: Conflict): string => `${placeOf(item)}, ${whatHappened(item)}`

describe('an item in words', () => {
  test('lines: where, and what each side did', () => {
    expect(both(conflict({}))).toBe('Line 18, changed twice')
    expect(both(conflict({ present: 'a\nb\nc\n' }))).toBe('Lines 18 to 20, changed twice')
    expect(both(conflict({ theirs: text('') }))).toBe('Line 18, edited here, deleted on GitHub')
    expect(both(conflict({ ours: text(''), present: '' }))).toBe('Line 18, deleted here, edited on GitHub')
    expect(both(conflict({ base: text('') }))).toBe('Line 18, written twice')
    expect(both(conflict({ what: 'late' }))).toBe('Line 18, typed here while a change from GitHub came')
    expect(placeOf(conflict({ line: null, present: null }))).toBe('A line whose place is gone')
    expect(placeOf(conflict({ line: null, present: null, state: 'resolved' }))).toBe('A line')
  })

  test('files: every pair of deeds has words', () => {
    const base = file()
    const what = (ours: ConflictSide | null, theirs: ConflictSide | null, from: ConflictSide | null = base) =>
      whatHappened(conflict({ kind: 'file', base: from, ours, theirs }))
    expect(what(file({ oid: oid('b') }), null)).toBe('edited here, deleted on GitHub')
    expect(what(null, file({ oid: oid('b') }))).toBe('deleted here, edited on GitHub')
    expect(what(file({ oid: oid('b') }), file({ oid: oid('d') }))).toBe('edited here and on GitHub')
    expect(what(file({ path: 'b.png' }), file({ path: 'c.png' }))).toBe(
      'renamed to b.png here, renamed to c.png on GitHub',
    )
    expect(what(file({ mode: '100755' }), file({ mode: '120000', oid: oid('b') }))).toBe(
      'made an executable here, made a symbolic link and edited on GitHub',
    )
    expect(what(file(), file({ oid: oid('b') }), null)).toBe('added here and on GitHub')
    expect(whatHappened(conflict({ kind: 'file', what: 'path-twin' }))).toMatch(/upper and lower case/)
    expect(deedOf(base, base)).toBe('unchanged')
    expect(deedOf(null, null)).toBe('not there')
  })

  test('what is known of a side; a side that is not there cannot be used beside the other', () => {
    expect(factsOfSide(file())).toEqual([
      ['Path', 'a.png'],
      ['Kind', 'plain file'],
      ['Size', '2.0 kB'],
      ['Object', 'aaaaaaa'],
    ])
    expect(canUse(conflict({ kind: 'file', theirs: null }), 'both')).toBe(false)
    expect(canUse(conflict({ kind: 'file', theirs: null }), 'theirs')).toBe(true)
    expect(canUse(conflict({}), 'both')).toBe(true)
  })

  test('what the file holds, and the button that closes the item', () => {
    expect([isInFile(conflict({}), 'ours'), isInFile(conflict({}), 'theirs')]).toEqual([true, false])
    expect(isInFile(conflict({ present: null }), 'ours')).toBe(false)
    expect(doneLabel(conflict({}))).toBe('Done with this line')
    expect(doneLabel(conflict({ present: 'a\nb\n' }))).toBe('Done with these lines')
    expect(doneLabel(conflict({ kind: 'file' }))).toBe('Done with this file')
  })

  test('which version stands in the file while it is open; none when it was edited', () => {
    expect(standingInFile(conflict({}))).toBe('The version from here stands in the file.')
    expect(standingInFile(conflict({ present: 'Twelve, two empty\n' }))).toBe('GitHub’s version stands in the file.')
    expect(standingInFile(conflict({ present: 'Fourteen\nTwelve, two empty\n' }))).toBe(
      'Both versions stand in the file.',
    )
    expect(standingInFile(conflict({ present: 'Thirteen\n' }))).toBeNull()
    expect(standingInFile(conflict({ present: null }))).toBeNull()
    expect(standingInFile(conflict({ kind: 'file' }))).toBeNull()
    expect(standingInFile(conflict({ state: 'resolved' }))).toBeNull()
  })

  test('who decided and how', () => {
    const ben = { id: 'b', name: 'Ben' }
    expect(decisionToWords(conflict({ resolvedBy: ben, choice: 'theirs' }), 'a')).toBe(
      'Ben decided this line: GitHub’s version stands.',
    )
    expect(decisionToWords(conflict({ resolvedBy: ben, choice: 'current' }), 'b')).toMatch(/^You decided/)
    expect(decisionToWords(conflict({ choice: 'ours' }), 'a')).toMatch(/^A rule of this project/)
    expect(ownDecisionToWords(conflict({ choice: 'both' }))).toBe('Decided in heron-colony.md: both versions stand')
  })

  test('the end says what goes on', () => {
    const reason = { code: 'github-archived', message: 'It is archived on GitHub.', nextAt: null }
    const github = (more: Partial<GithubStatus>) => ({ openConflicts: 0, reason: null, ...more }) as GithubStatus
    expect(endToWords(github({ state: 'waiting' }))).toMatch(/^Pushing goes on by itself/)
    expect(endToWords(github({ state: 'paused' }))).toMatch(/^Sync is paused/)
    expect(endToWords(github({ state: 'held', reason }))).toMatch(/^It is archived/)
  })

  test('the pull that brought an item was under way when it was found', () => {
    const pull = (id: string, startedAt: string, finishedAt: string | null) =>
      operationSample({ id, direction: 'pull', startedAt, finishedAt })
    const operations = [
      pull('later', '2026-11-20T09:00:02Z', null),
      operationSample({ id: 'push', startedAt: '2026-11-20T08:59:59Z', finishedAt: '2026-11-20T09:00:01Z' }),
      pull('this', '2026-11-20T08:59:58Z', '2026-11-20T09:00:01Z'),
      pull('before', '2026-11-20T08:00:00Z', '2026-11-20T08:00:01Z'),
    ]
    expect(pullOf(conflict({}), operations)?.id).toBe('this')
    expect(pullOf(conflict({ createdAt: '2026-11-20T08:30:00Z' }), operations)).toBeUndefined()
  })

  test('the way around the items', () => {
    expect(neighbourOf(['a', 'b', 'c'], 'c', 1)).toBe('a')
    expect(neighbourOf(['a', 'b', 'c'], 'a', -1)).toBe('c')
    expect(neighbourOf(['a'], 'a', 1)).toBeNull()
    expect(neighbourOf(['a', 'b'], 'gone', 1)).toBe('a')
    expect(neighbourOf([], null, 1)).toBeNull()
  })
})
