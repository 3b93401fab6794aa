import { expect, test } from 'vitest'
import { formatAgo, formatDay, formatUntil } from './time.ts'

const now = new Date(2026, 10, 20, 10, 30)
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).toISOString()

test('the past is told in the largest unit that fits, and yesterday as such', () => {
  expect(formatAgo(at(2026, 10, 20, 10, 30), now)).toBe('just now')
  expect(formatAgo(at(2026, 10, 20, 10, 28), now)).toBe('2 min ago')
  expect(formatAgo(at(2026, 10, 20, 4, 30), now)).toBe('6 h ago')
  expect(formatAgo(at(2026, 10, 19, 23, 0), now)).toBe('yesterday')
  expect(formatAgo(at(2026, 10, 8), now)).toBe('12 days ago')
  expect(formatAgo(at(2026, 9, 3), now)).toBe('on 3 October')
})

test('a few hours before midnight are hours, not yesterday', () => {
  expect(formatAgo(at(2026, 10, 19, 23, 0), new Date(2026, 10, 20, 1, 0))).toBe('2 h ago')
})

test('a clock that is ahead of ours makes nothing negative', () => {
  expect(formatAgo(at(2026, 10, 20, 11, 0), now)).toBe('just now')
})

test('the future ends in minutes, hours, tomorrow, days or on a day', () => {
  expect(formatUntil(at(2026, 10, 20, 10, 31), now)).toBe('in 1 min')
  expect(formatUntil(at(2026, 10, 20, 13, 30), now)).toBe('in 3 h')
  expect(formatUntil(at(2026, 10, 21, 12, 0), now)).toBe('tomorrow')
  expect(formatUntil(at(2026, 10, 23, 12, 0), now)).toBe('in 3 days')
  expect(formatUntil(at(2027, 0, 4), now)).toBe('on 4 January 2027')
  expect(formatUntil(at(2026, 10, 20, 10, 0), now)).toBe('30 min ago')
})

test('a day of another year carries its year', () => {
  expect(formatDay(at(2026, 0, 4), now)).toBe('4 January')
  expect(formatDay(at(2025, 0, 4), now)).toBe('4 January 2025')
})
