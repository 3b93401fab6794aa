import { expect, test } from 'vitest'
import { nameToSlug, slugCandidates } from './slug.ts'

test.each([
  ['Ana Lima’s notes', 'ana-lima-s-notes'],
  ['  Żółć & Süd  ', 'zo-c-sud'],
  ['河口', 'home'],
  ['--', 'home'],
  [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
])('%j becomes %j', (name, slug) => {
  expect(nameToSlug(name, 'home')).toBe(slug)
})

test('a taken slug gets a number, at last random letters', () => {
  const candidates = [...slugCandidates('notes', 'a1b2c3')]
  expect(candidates.slice(0, 3)).toEqual(['notes', 'notes-2', 'notes-3'])
  expect(candidates.at(-1)).toBe('notes-a1b2c3')
  expect(candidates).toHaveLength(21)
})
