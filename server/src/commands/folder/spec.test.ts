/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = [...read('SPEC.md').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map(([, rule]) => rule)
const quoted = [...read('../../jobs/sync-folder.pg.test.ts').matchAll(/\btest\('([^':]*):/g)].flatMap(
  ([, title]) => title?.match(/\b[A-Z]{2}\d+/g) ?? [],
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
