/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const files = [
  '../../api/github-app.pg.test.ts',
  '../../api/github-installations.pg.test.ts',
  '../../config/secrets.test.ts',
  '../keys/rotate-key.pg.test.ts',
  '../../rotate-key.pg.test.ts',
  './manifest.test.ts',
]
const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = [...read('SPEC.md').matchAll(/^- \*\*((?:GS|GA)\d+)\*\*/gm)].map(([, rule]) => rule)
const quoted = files.flatMap((file) =>
  [...read(file).matchAll(/\btest(?:\.each\([^)]*\))?\(\s*'([^':]*):/g)].flatMap(
    ([, title]) => title?.match(/(?:GS|GA)\d+/g) ?? [],
  ),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
