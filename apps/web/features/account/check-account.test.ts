import { expect, test } from 'vitest'
import { checkAccount } from './check-account.ts'

test('each field is told what it needs, all at once', () => {
  const faults = checkAccount({ name: '', email: 'ana', password: 'short' }, 12)
  expect(Object.keys(faults)).toEqual(['name', 'email', 'password'])
  expect(faults.password).toContain('12 characters')
})

test('what the server takes has no faults here', () => {
  expect(checkAccount({ name: 'Ana', email: 'Ana@Example.org', password: 'twelve chars' }, 12)).toEqual({})
})
