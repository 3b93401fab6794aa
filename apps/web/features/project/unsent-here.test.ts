import { expect, test } from 'vitest'
import { countUnsentHere, offerUnsentCount } from './unsent-here.ts'

test('unsent edits of this window are those of its open projects, as they are now', () => {
  let typed = 1
  const withdraw = offerUnsentCount(() => typed)
  const withdrawOther = offerUnsentCount(() => 2)
  expect(countUnsentHere()).toBe(3)
  typed = 4
  expect(countUnsentHere()).toBe(6)
  withdraw()
  expect(countUnsentHere()).toBe(2)
  withdrawOther()
  expect(countUnsentHere()).toBe(0)
})
