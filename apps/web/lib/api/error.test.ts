import { expect, test } from 'vitest'
import { bodyToApiError, toApiError } from './error.ts'

test('a refusal keeps its code, words, hint and details', () => {
  const error = bodyToApiError(429, {
    error: { code: 'rate-limited', message: 'Too many tries.', hint: 'Wait.', details: { retryAfterSeconds: 5 } },
  })
  expect(error).toMatchObject({
    code: 'rate-limited',
    status: 429,
    message: 'Too many tries.',
    hint: 'Wait.',
    details: { retryAfterSeconds: 5 },
  })
})

test('an answer that is none of ours, such as the page of a proxy, says so instead of guessing', () => {
  for (const body of [undefined, 'gateway', { error: 'x' }, { error: { code: 'unheard-of', message: 'x' } }]) {
    expect(bodyToApiError(502, body)).toMatchObject({ code: 'unexpected-answer', status: 502 })
  }
})

test('anything thrown becomes an error with words', () => {
  expect(toApiError(new Error('odd')).message).toBe('odd')
  expect(toApiError('odd').code).toBe('unexpected-answer')
})
