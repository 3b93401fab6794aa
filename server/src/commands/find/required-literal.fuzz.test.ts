/** The literal by which texts are sorted out must stand in every match: expressions are made at random, and RE2 is asked. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { requiredLiteral } from './required-literal.ts'

const ofRegex = (query: string) => requiredLiteral({ query, regex: true })

describe('the required literal', () => {
  test.each([
    ['goose', 'goose'],
    ['foo.*lazy', 'lazy'],
    ['\\bgoose\\b', 'goose'],
    ['goo+se', 'goo'],
    ['goos?e', 'goo'],
    ['a(bcd|e)fgh', 'fgh'],
    ['ab[cd]*efg', 'efg'],
    ['v1\\.20\\.3', 'v1.20.3'],
    ['ab{2}cd', 'cd'],
    ['\\pNab', 'ab'],
    ['one|two', null],
    ['(?i)goose', null],
    ['\\Qa*\\E', null],
    ['\\d+', null],
    ['x', null],
  ])('%s: %s', (query, literal) => expect(ofRegex(query)).toBe(literal))

  test('of a literal is the literal', () => expect(requiredLiteral({ query: 'a|b', regex: false })).toBe('a|b'))

  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      'ab',
      'ba',
      '.',
      '[ab]',
      '[^b]',
      '\\.',
      '\\w',
      '\\pL',
      '^',
      '$',
      '\\b',
      '(a)',
      '(?:ab)',
      '(a|b)',
      '(b',
      ')',
    ],
    ...['*', '+', '?', '{2}', '{0,1}', '+?', '|', '\\x61', '[[:alpha:]]', '[]a]', '{', '}', 'a{', '\\141', '-', '\\-'],
  )
  test('is in every text that matches', () => {
    let matching = 0
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 2, maxLength: 5 }),
        fc.array(fc.constantFrom('ab', 'ba', 'a', 'b', '.', '{', '-'), { minLength: 6, maxLength: 12 }),
        (pieces, characters) => {
          const query = pieces.join('')
          const text = characters.join('')
          const literal = ofRegex(query)
          if (literal === null) return
          let regex: RE2JS
          try {
            regex = RE2JS.compile(query, RE2JS.MULTILINE)
          } catch {
            return
          }
          if (!regex.test(text)) return
          matching++
          expect(text).toContain(literal)
        },
      ),
      { numRuns: 20_000 },
    )
    expect(matching).toBeGreaterThan(200)
  })
})
