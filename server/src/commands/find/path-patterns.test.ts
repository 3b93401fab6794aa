/** Path patterns, on paths. PostgreSQL matches them in the product; what is used of its expressions means the same here. */
import { describe, expect, test } from 'vitest'
import { patternToRegex } from './path-patterns.ts'

const PATHS = [
  'README.md',
  'docs/guide.md',
  'docs/img/a+b.svg',
  'docs/deep/er/x.ts',
  'src/docs/x.tsx',
  'src/[id]/page.ts',
  'über/ß.md',
]
const matched = (pattern: string) => PATHS.filter((path) => new RegExp(patternToRegex(pattern), 'su').test(path))

describe('path patterns', () => {
  test.each([
    ['*.md', ['README.md', 'docs/guide.md', 'über/ß.md']],
    ['docs', ['docs/guide.md', 'docs/img/a+b.svg', 'docs/deep/er/x.ts', 'src/docs/x.tsx']],
    ['/docs/', ['docs/guide.md', 'docs/img/a+b.svg', 'docs/deep/er/x.ts']],
    ['docs/*', ['docs/guide.md', 'docs/img/a+b.svg', 'docs/deep/er/x.ts']],
    ['docs/*.md', ['docs/guide.md']],
    ['docs/**/x.ts', ['docs/deep/er/x.ts']],
    ['**/x.ts', ['docs/deep/er/x.ts']],
    ['src/**', ['src/docs/x.tsx', 'src/[id]/page.ts']],
    ['x.{ts,tsx}', ['docs/deep/er/x.ts', 'src/docs/x.tsx']],
    ['x.ts?', ['src/docs/x.tsx']],
    ['a+b.svg', ['docs/img/a+b.svg']],
    ['\\[id\\]', ['src/[id]/page.ts']],
    ['[A-Z]*.md', ['README.md']],
    ['[!A-Z]*.md', ['docs/guide.md', 'über/ß.md']],
    ['?.md', ['über/ß.md']],
    ['docs[/]guide.md', []],
    ['README.md/', []],
  ])('%s', (pattern, paths) => expect(matched(pattern)).toEqual(paths))

  test.each([
    ['!a', 'begins with “!”', 0],
    ['/', 'names nothing', 0],
    ['a/[b', 'has a “[” that is not closed', 2],
    ['/a{b', 'has a “{” that is not closed', 2],
    ['{a{b}}', 'has braces in braces', 2],
    ['a\\', 'ends with a “\\”', 1],
    ['[z-a]', 'a range from “z” to “a”', 0],
  ])('%s is refused, with the place', (pattern, words, position) => {
    expect(() => patternToRegex(pattern)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(words), details: { pattern, position } }),
    )
  })
})
