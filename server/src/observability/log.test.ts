import { expect, test } from 'vitest'
import { errorToLog } from './log.ts'

test('an error is told by its name, words, code and cause, without what a library hung on it', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const error = Object.assign(new TypeError('it broke', { cause }), { client: { password: 'hush' } })
  const told = errorToLog(error)
  expect(told).toMatchObject({
    name: 'TypeError',
    message: 'it broke',
    stack: expect.stringContaining('log.test.ts'),
    cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
  })
  expect(JSON.stringify(told)).not.toContain('hush')
})

test('what is no error is told in a bounded way', () => {
  expect(errorToLog({ reason: 'x'.repeat(5_000) })).toEqual({ message: expect.stringMatching(/^.{1000}$/s) })
})
