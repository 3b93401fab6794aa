import type { FileMatches } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { countInWords, noTerms, shortenBefore, splitPatterns, termsToRequest } from './find-terms.ts'

describe('what is sent', () => {
  test('patterns are cut at commas, but not in braces', () => {
    expect(splitPatterns(' *.md, notes/ ,')).toEqual(['*.md', 'notes/'])
    expect(splitPatterns('*.{ts,tsx},a\\,b')).toEqual(['*.{ts,tsx}', 'a\\,b'])
    expect(splitPatterns('{a,b')).toEqual(['{a', 'b'])
    expect(splitPatterns('')).toEqual([])
  })

  test('nothing typed is nothing sent; spaces count', () => {
    expect(termsToRequest(noTerms)).toBeNull()
    expect(termsToRequest({ ...noTerms, query: ' ', include: 'a,b' })).toMatchObject({
      query: ' ',
      include: ['a', 'b'],
    })
  })
})

describe('what is shown', () => {
  test('the start of a line without its indentation, or the end of it', () => {
    expect(shortenBefore({ before: '    the ', text: 'bird', column: 9 }, 28)).toBe('the ')
    expect(shortenBefore({ before: 'x'.repeat(80), text: 'bird', column: 81 }, 28)).toBe(`…${'x'.repeat(24)}`)
    expect(shortenBefore({ before: ' cut', text: 'bird', column: 500 }, 28)).toBe('… cut')
    expect(shortenBefore({ before: '🦢'.repeat(40), text: '🦢', column: 81 }, 28).isWellFormed()).toBe(true)
    expect(shortenBefore({ before: 'x'.repeat(80), text: 'y'.repeat(80), column: 81 }, 28)).toBe(`…${'x'.repeat(14)}`)
  })

  test('how much was found', () => {
    const file = (matches: number) => ({ matches: Array.from({ length: matches }) }) as unknown as FileMatches
    expect(countInWords([file(1)])).toBe('1 match in 1 file')
    expect(countInWords([file(1000), file(2)])).toBe('1,002 matches in 2 files')
  })
})
