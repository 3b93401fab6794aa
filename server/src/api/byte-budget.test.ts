import { expect, test } from 'vitest'
import { ByteBudget, bytesToStream } from './byte-budget.ts'

const mib = 1024 * 1024

test('FT7: large files wait for room, small ones never do, and what was taken comes back once', () => {
  const budget = new ByteBudget(10 * mib)
  const giveBack = budget.take(8 * mib)
  expect(() => budget.take(3 * mib)).toThrow('Several large files are on their way at this moment.')
  budget.take(2 * mib)()
  budget.take(1000)
  giveBack()
  giveBack()
  const alone = budget.take(50 * mib)
  expect(() => budget.take(mib)).toThrow()
  alone()
  budget.take(10 * mib)
})

test('bytes leave as they are, in pieces, and say so once they have left', async () => {
  for (const length of [0, 1, 256 * 1024, mib + 1]) {
    const bytes = Uint8Array.from({ length }, (_, n) => n % 251)
    let ends = 0
    const stream = bytesToStream(bytes, () => ends++)
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(bytes)
    expect(ends).toBe(1)
  }
  let hasGone = false
  const left = bytesToStream(new Uint8Array(3 * mib), () => {
    hasGone = true
  })
  const reader = left.getReader()
  await reader.read()
  expect(hasGone).toBe(false)
  await reader.cancel()
  expect(hasGone).toBe(true)
})
