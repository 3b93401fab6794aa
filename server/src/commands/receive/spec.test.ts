/** The rules of SPEC.md and the titles of the tests that show them, held together. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const files = [
  'push-commands.test.ts',
  '../../git-http/receive.pg.test.ts',
  '../../adapters/git/pack-intake.test.ts',
  '../../git-http/hidden-objects.pg.test.ts',
  '../../git-http/receive-kill.pg.test.ts',
  '../../git-http/push-request.test.ts',
  '../../git-http/receive-pack.test.ts',
  'turns.test.ts',
]
const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = [...read('SPEC.md').matchAll(/^- \*\*(RP\d+)\*\*/gm)].map(([, rule]) => rule)
const quoted = files.flatMap((file) =>
  [...read(file).matchAll(/(?:\btest|^\]\))\('([^:']*):|^ {2}\['(RP\d+):/gm)].flatMap(
    ([, title, row]) => (title ?? row)?.match(/RP\d+/g) ?? [],
  ),
)

test('every rule is quoted by a test, and every quoted rule exists', () => {
  expect(rules.length).toBeGreaterThan(5)
  expect(rules.filter((rule) => !quoted.includes(rule as string))).toEqual([])
  expect(quoted.filter((rule) => !rules.includes(rule))).toEqual([])
})
