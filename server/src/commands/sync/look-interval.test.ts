import { expect, test } from 'vitest'
import { nextLook } from './look-interval.ts'

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
