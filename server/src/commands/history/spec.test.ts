/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const folders = ['.', '../repair', '../../jobs', '../snapshot', '../../collab']
const titles = folders
  .flatMap((folder) => globSync(`${folder}/*.test.ts`, { cwd: here }))
  .flatMap((file) =>
    [
      ...readFileSync(path.join(here, file), 'utf8').matchAll(
        /\btest(?:\.\w+(?:<.*?>)?\([^)]*\))?\(\s*['"`](.*?)['"`]\s*,/g,
      ),
    ].map(([, title]) => title ?? ''),
  )
const quoted = new Set(titles.flatMap((title) => title.match(/\b(?:DL8|QR\d+)\b/g) ?? []))
const rules = new Set(
  [...readFileSync(path.join(here, 'SPEC.md'), 'utf8').matchAll(/^- \*\*((?:DL|QR)\d+)\*\*/gm)].map(
    ([, rule]) => rule ?? '',
  ),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.size).toBe(9)
  expect([...rules].filter((rule) => !quoted.has(rule))).toEqual([])
  expect([...quoted].filter((rule) => !rules.has(rule))).toEqual([])
})
