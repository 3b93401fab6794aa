/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const RULE = /\bCF\d+\b/g
const here = import.meta.dirname
const titles = globSync(['*.test.ts', '../../collab/*.test.ts', '../../api/*.test.ts'], { cwd: here }).flatMap(
  (file) => {
    const source = readFileSync(path.join(here, file), 'utf8')
    return [...source.matchAll(/\b(?:test|describe)(?:\.\w+\([^)]*\))?\(\s*['"`](.*?)['"`]\s*,/g)].map(
      ([, title]) => title ?? '',
    )
  },
)
const quoted = new Set(titles.flatMap((title) => title.match(RULE) ?? []))
const rules = new Set(
  [...readFileSync(path.join(here, 'SPEC.md'), 'utf8').matchAll(/^- \*\*(CF\d+)\*\*/gm)].map(([, rule]) => rule ?? ''),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.size).toBe(14)
  expect([...rules].filter((rule) => !quoted.has(rule))).toEqual([])
  expect([...quoted].filter((rule) => !rules.has(rule))).toEqual([])
})
