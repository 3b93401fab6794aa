/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = [...read('SPEC.md').matchAll(/^- \*\*((?:SN|SF)\d+)\*\*/gm)].map(([, rule]) => rule)
const quoted = [...read('find-secrets.pg.test.ts').matchAll(/\btest\('([^':]*):/g)].flatMap(
  ([, title]) => title?.match(/(?:SN|SF)\d+/g) ?? [],
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(3)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
