import { expect, test } from 'vitest'
import { Turnstile } from './turnstile.ts'

test('so many pass at once, the others in the order of coming, and none more than the line holds', async () => {
  const turnstile = new Turnstile(1, 2)
  const done: number[] = []
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  const passing = gates.map(({ promise }, n) => turnstile.pass(() => promise.then(() => void done.push(n))))
  await expect(turnstile.pass(async () => 'too late')).rejects.toMatchObject({ code: 'unavailable' })
  for (const { resolve } of gates.toReversed()) resolve()
  await Promise.all(passing)
  expect(done).toEqual([0, 1, 2])
  expect(await turnstile.pass(async () => 'free again')).toBe('free again')
})

test('what fails inside makes room as well', async () => {
  const turnstile = new Turnstile(1, 0)
  await expect(turnstile.pass(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await turnstile.pass(async () => 'free')).toBe('free')
})
