import { expect, test } from 'vitest'
import { z } from 'zod'
import { inputToWords } from './input-words.ts'

const faultOf = (schema: z.ZodType, input: unknown): string | undefined =>
  schema.safeParse(input, { error: inputToWords }).error?.issues[0]?.message

test('faults of input are told in words', () => {
  expect(faultOf(z.object({ text: z.string() }), {})).toBe('is missing')
  expect(faultOf(z.string(), 1)).toBe('must be a text')
  expect(faultOf(z.string().min(1), '')).toBe('must not be empty')
  expect(faultOf(z.string().max(2_000), 'x'.repeat(2_001))).toBe('must have at most 2,000 characters')
  expect(faultOf(z.array(z.string()).min(1), [])).toBe('must have at least 1 item')
  expect(faultOf(z.int().min(0), -1)).toBe('must be at least 0')
  expect(faultOf(z.int(), 'x')).toBe('must be a number')
  expect(faultOf(z.enum(['editor', 'viewer']), 'king')).toBe('must be one of editor, viewer')
  expect(faultOf(z.strictObject({}), { txt: 1 })).toBe('there is no “txt” here')
  expect(faultOf(z.union([z.strictObject({ a: z.int() }), z.string()]), 1)).toBe(
    'has none of the shapes that it may have',
  )
})

test('a schema with words of its own keeps them', () => {
  expect(faultOf(z.string().max(1, 'must be one sign'), 'xx')).toBe('must be one sign')
})
