import { expect, test } from 'vitest'
import { isBranchName } from './branch-name.ts'

test('names that Git allows are used', () => {
  for (const name of ['main', 'feature/a-b', 'v1.2', 'größe', 'a@b', 'lock'])
    expect(isBranchName(name), name).toBe(true)
})

test('names that Git refuses, or that mean something in a refspec, are not', () => {
  const refused = [
    '',
    '@',
    '-x',
    '/a',
    'a/',
    'a//b',
    'a..b',
    'a.lock',
    'a.lock/b',
    '.a',
    'a/.b',
    'a.',
    'a b',
    'a:b',
    'a^',
    'a~1',
    'a?',
    'a*',
  ]
  for (const name of [...refused, 'a[b', 'a\\b', 'a@{1}', 'a\u0007', 'x'.repeat(201)])
    expect(isBranchName(name), name).toBe(false)
})
