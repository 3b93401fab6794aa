/** What is found in one text, and where. */
import { FIND_AFTER_MAX, FIND_BEFORE_MAX, FIND_MATCH_MAX } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { compileSearch, type SearchTerms } from './text-search.ts'

const compile = (query: string, terms: Partial<SearchTerms> = {}) =>
  compileSearch({ query, regex: false, caseSensitive: false, wholeWord: false, matchesMax: 100, ...terms })
const find = (text: string, query: string, terms?: Partial<SearchTerms>) => {
  const search = compile(query, terms)
  if ('fault' in search) throw new Error(search.fault)
  return search(text)
}
const texts = (...of: Parameters<typeof find>) => find(...of)?.matches.map(({ text }) => text) ?? []
const places = (...of: Parameters<typeof find>) =>
  find(...of)?.matches.map(({ line, column, length }) => `${line}:${column}+${length}`) ?? []

describe('literals', () => {
  test('are taken as they are, with or without regard to case', () => {
    expect(texts('a.b A.B axb', 'a.b')).toEqual(['a.b', 'A.B'])
    expect(texts('a.b A.B axb', 'a.b', { caseSensitive: true })).toEqual(['a.b'])
    expect(texts('Über ÜBER über', 'über')).toHaveLength(3)
    expect(texts('anything', 'nothing')).toEqual([])
  })

  test('as whole words, in any script', () => {
    expect(places('cat concat cat_ cat, “cat”', 'cat', { wholeWord: true })).toEqual(['1:1+3', '1:17+3', '1:23+3'])
    expect(places('öl Möl öl', 'öl', { wholeWord: true })).toEqual(['1:1+2', '1:8+2'])
    expect(places('aaa aa', 'aa', { wholeWord: true })).toEqual(['1:5+2'])
    expect(places('𝒜b 𝒜', '𝒜', { wholeWord: true })).toEqual(['1:5+2'])
    expect(places('f(x) g(x)', '(x)', { wholeWord: true })).toEqual(['1:2+3', '1:7+3'])
  })

  test('do not overlap', () => expect(places('aaaa', 'aa')).toEqual(['1:1+2', '1:3+2']))
})

describe('expressions', () => {
  const regex = (text: string, query: string, terms?: Partial<SearchTerms>) =>
    places(text, query, { regex: true, ...terms })

  test('have lines, and may go over their ends', () => {
    expect(regex('one\ntwo\none', '^one$')).toEqual(['1:1+3', '3:1+3'])
    expect(regex('one\ntwo', 'e\\st')).toEqual(['1:3+3'])
    expect(regex('one\ntwo', 'o.*w')).toEqual([])
  })

  test('regard case when asked, and match no nothing', () => {
    expect(regex('Fox fox', 'f.x')).toEqual(['1:1+3', '1:5+3'])
    expect(regex('Fox fox', 'f.x', { caseSensitive: true })).toEqual(['1:5+3'])
    expect(regex('xyx', 'x*')).toEqual(['1:1+1', '1:3+1'])
  })

  test('that cannot be read are told with their place', () => {
    expect(compile('a(b', { regex: true })).toEqual({ fault: 'missing closing )', at: 3 })
    expect(compile('ab[z-a]', { regex: true })).toEqual({ fault: 'invalid character class range: z-a', at: 3 })
    expect(compile('x(?<=a)', { regex: true })).toMatchObject({ at: 1 })
    expect(compile('a\\', { regex: true })).toMatchObject({ at: 1 })
    expect(compile('(a{1000}){1000}', { regex: true })).toMatchObject({ fault: expect.stringContaining('repeat') })
  })

  test('that would take others for ever take a moment', () => {
    const text = `${'a'.repeat(50_000)}!`
    expect(regex(text, '(a+)+$')).toEqual([])
    expect(regex(text, '(a|aa)+b')).toEqual([])
  })
})

describe('places', () => {
  test('count UTF-16 units from 1, and lines by \\n alone', () => {
    expect(places('🦢 goose\r\n🦢🦢 goose', 'goose')).toEqual(['1:4+5', '2:6+5'])
    expect(find('🦢 goose', 'goose')?.matches[0]?.at).toBe(3)
    expect(places('a\rgoose', 'goose')).toEqual(['1:3+5'])
  })

  test('long lines are clipped, and no character is halved', () => {
    const line = `${'🦢'.repeat(500)}x${'🦢'.repeat(500)}`
    const [match] = find(`first\n${line}\nlast`, 'x')?.matches ?? []
    expect(match).toMatchObject({ line: 2, column: 1001, text: 'x' })
    expect(match?.before.length).toBeLessThanOrEqual(FIND_BEFORE_MAX + 1)
    expect(match?.after.length).toBeLessThanOrEqual(FIND_AFTER_MAX)
    expect(`${match?.before}${match?.after}`.isWellFormed()).toBe(true)
  })

  test('a long match is told up to a bound and to the end of its line', () => {
    const [long] = find('a'.repeat(1000), 'a+', { regex: true })?.matches ?? []
    expect(long).toMatchObject({ length: 1000, after: '' })
    expect(long?.text).toHaveLength(FIND_MATCH_MAX)
    expect(find('one\ntwo three', 'e\\nt', { regex: true })?.matches[0]).toMatchObject({
      before: 'on',
      text: 'e',
      after: '',
    })
  })

  test('more than enough matches are said to be there', () => {
    expect(find('x x x', 'x', { matchesMax: 2 })).toMatchObject({ matches: [{}, {}], hasMore: true })
    expect(find('x x', 'x', { matchesMax: 2 })).toMatchObject({ hasMore: false })
  })
})
