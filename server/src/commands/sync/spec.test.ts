/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const files = [
  'commands/sync/look-interval.test.ts',
  'jobs/sync.pg.test.ts',
  'jobs/sync-pull-request.pg.test.ts',
  'jobs/sync-repository.pg.test.ts',
  'jobs/sync-link.pg.test.ts',
  'jobs/sync-queue.pg.test.ts',
  'adapters/github/git-remote.test.ts',
  'adapters/github/rest-api.test.ts',
].map((file) => `../../${file}`)
const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = [...read('SPEC.md').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map(([, rule]) => rule)
const quoted = files.flatMap((file) =>
  [...read(file).matchAll(/\btest\('([^:']*):/g)].flatMap(([, title]) => title?.match(/\b[A-Z]{2}\d+/g) ?? []),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
