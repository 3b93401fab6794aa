/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const rules = [...readFileSync(path.join(here, 'SPEC.md'), 'utf8').matchAll(/^- \*\*((?:FT|EV)\d+)\*\*/gm)].map(
  ([, rule]) => rule,
)
const sources = globSync(['*.test.ts', '../adapters/events/*.test.ts'], { cwd: here }).map((file) =>
  readFileSync(path.join(here, file), 'utf8'),
)
/** Titles begin with the number of their rule. */
const quoted = sources.flatMap((source) =>
  [...source.matchAll(/['"`]((?:FT|EV)\d+): /g)].map(([, rule]) => rule as string),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
