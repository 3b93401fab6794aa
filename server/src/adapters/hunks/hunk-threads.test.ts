/** Hunks of large writes are found in threads, the same ones as anywhere else, and so are refused when there are too many. */
import { expect, test } from 'vitest'
import { findHunks, isSmall, type WantedHunks } from '../../commands/content/hunk-finder.ts'
import { createHunkThreads } from './hunk-threads.ts'

const lines = Array.from({ length: 20_000 }, (_, n) => `“line” ${n} of a text with words in it\n`)
const text = lines.join('')
const whole: WantedHunks = { text, wanted: { text: text.replaceAll('words', 'others') }, isExactEnough: false }

test('AE3: a large text is compared in a thread, with the hunks that it would have anywhere', async () => {
  expect(isSmall(whole)).toBe(false)
  expect(await createHunkThreads().find(whole)).toEqual(findHunks(whole))
})

test('AE2: quotes are looked for in a thread too, and what is missing is told', async () => {
  const quotes = { ...whole, wanted: { edits: [{ oldText: '"line" 4711 of', newText: 'x' }] } }
  const threads = createHunkThreads()
  expect(await threads.find(quotes)).toMatchObject({ hunks: [{ line: 4712, edits: [0] }], matches: ['signs'] })
  const missing = { ...whole, wanted: { edits: [{ oldText: 'nothing like it', newText: 'x' }] } }
  expect(await threads.find(missing)).toMatchObject({ edit: 0, problem: { problem: 'missing' } })
})

test('a small write asks for no thread; many edits of a middling text do', () => {
  const edits = Array.from({ length: 100 }, () => ({ oldText: 'a', newText: 'b' }))
  expect(isSmall({ text: 'a'.repeat(10_000), wanted: { edits }, isExactEnough: false })).toBe(true)
  expect(isSmall({ text: 'a'.repeat(50_000), wanted: { edits }, isExactEnough: false })).toBe(false)
})

test('of too many large writes at once some are refused, and none is forgotten', async () => {
  const threads = createHunkThreads()
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => threads.find(whole)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
  expect(refused).toEqual(Array(4).fill('unavailable'))
  await expect(threads.find(whole)).resolves.toMatchObject({ matches: [] })
})
