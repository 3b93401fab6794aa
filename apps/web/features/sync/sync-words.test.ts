import { expect, test } from 'vitest'
import { githubSample as github } from './sync-samples.ts'
import {
  answerToWords,
  checkToWords,
  countNeeds,
  formatSeconds,
  labelOf,
  modeChoices,
  overlapChoices,
  quotaToWords,
} from './sync-words.ts'

const now = new Date('2026-11-20T09:12:20Z')
const reason = (code: string) => ({ code, message: 'A sentence.', nextAt: null })

test('every mode and every rule for overlaps has words', () => {
  expect(modeChoices.map(({ value }) => value).sort()).toEqual(['direct_commit', 'hybrid', 'protected_pr'])
  expect(overlapChoices.map(({ value }) => value).sort()).toEqual(['ask', 'branch', 'ours', 'theirs'])
  expect(labelOf(modeChoices, 'protected_pr')).toBe('By pull request')
})

test('a look at GitHub is told in seconds, then as everywhere', () => {
  expect(formatSeconds('2026-11-20T09:12:18Z', now)).toBe('just now')
  expect(formatSeconds('2026-11-20T09:12:00Z', now)).toBe('20 s ago')
  expect(formatSeconds('2026-11-20T09:02:00Z', now)).toBe('10 min ago')
})

test('the foot says whether GitHub answers, what is left, and how often it is looked at', () => {
  expect(answerToWords(github())).toBe('GitHub answers')
  expect(answerToWords(github({ state: 'waiting', reason: reason('github-away') }))).toBe('GitHub is away')
  expect(answerToWords(github({ state: 'held', reason: reason('github-archived') }))).toBe('GitHub answers')
  expect(answerToWords(github({ remote: null }))).toBe('GitHub was not asked yet')
  expect(answerToWords(github({ state: 'paused' }))).toBe('Sync is paused')
  expect(quotaToWords({ left: 4812, limit: 5000, resetsAt: null }, now)).toBe('4,812 of 5,000 requests left this hour')
  expect(quotaToWords({ left: 12, limit: 5000, resetsAt: '2026-11-20T09:30:00Z' }, now)).toBe(
    '12 of 5,000 requests left, all of them in 18 min',
  )
  expect(checkToWords(github())).toBe('Checks every 30 s while someone is here')
  const idle = { oid: null, checkedAt: '2026-11-20T09:00:00Z', nextCheckAt: '2026-11-20T09:15:00Z' }
  expect(checkToWords(github({ remote: idle }))).toBe('Checks every 15 min, and when GitHub tells of a push')
  expect(checkToWords(github({ state: 'paused' }))).toBe('Does not look at GitHub while paused')
})

test('the number beside Sync is what waits for a person', () => {
  expect(countNeeds(undefined)).toBe(0)
  expect(countNeeds(github({ openConflicts: 2, state: 'held' }))).toBe(2)
  expect(countNeeds(github({ state: 'held', reason: reason('secret-found') }))).toBe(1)
  expect(countNeeds(github({ state: 'waiting', waitingCommits: 4 }))).toBe(0)
  expect(countNeeds(github({ state: 'paused', openConflicts: 2 }))).toBe(0)
})
