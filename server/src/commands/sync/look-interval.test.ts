import { expect, test } from 'vitest'
import { isApiDue, nextLook } from './look-interval.ts'

const now = new Date('2026-01-01T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const seconds = (viewedAt: Date | null, pushedAt: Date | null, spread = 0.5) =>
  (nextLook({ viewedAt, pushedAt }, now, spread).getTime() - now.getTime()) / 1000

test('GS1: half a minute with viewers, two minutes after activity, else a quarter of an hour', () => {
  expect(seconds(ago(10), null)).toBe(30)
  expect(seconds(ago(50), ago(3600))).toBe(30)
  expect(seconds(ago(600), null)).toBe(120)
  expect(seconds(null, ago(600))).toBe(120)
  expect(seconds(null, null)).toBe(900)
  expect(seconds(ago(7200), ago(7200))).toBe(900)
})

test('GS1: looks of many projects do not come together', () => {
  expect([seconds(null, null, 0), seconds(null, null, 1)]).toEqual([810, 990])
})

test('GS3: the API is asked every ten minutes while something happens, rarely else, and less when few calls are left', () => {
  const hours = 3600
  const due = (checkedAt: number, pushedAt: number | null, state: 'active' | 'held' = 'active', left = 1) =>
    isApiDue(
      { viewedAt: null, pushedAt: pushedAt === null ? null : ago(pushedAt), state, apiCheckedAt: ago(checkedAt) },
      now,
      left,
    )
  expect([due(599, 60), due(601, 60)]).toEqual([false, true])
  expect([due(11 * hours, null), due(13 * hours, 2 * hours)]).toEqual([false, true])
  expect([due(0.9 * hours, null, 'held'), due(1.1 * hours, null, 'held')]).toEqual([false, true])
  expect([due(601, 60, 'active', 0.2), due(3601, 60, 'active', 0.2)]).toEqual([false, true])
  expect(isApiDue({ viewedAt: null, pushedAt: null, state: 'active', apiCheckedAt: null }, now, 0)).toBe(true)
})
