/** Every rule of SPEC.md is quoted by a test, and every rule that a test quotes is in SPEC.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('SPEC.md and the tests name the same rules', () => {
  const here = import.meta.dirname
  const rules = new Set(
    [...readFileSync(join(here, 'SPEC.md'), 'utf8').matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map((match) => match[1]),
  )
  const quoted = new Set<string | undefined>()
  for (const name of readdirSync(here).filter((file) => /\.test\.ts$/.test(file))) {
    const text = readFileSync(join(here, name), 'utf8')
    for (const title of text.matchAll(/(?:test|describe)\(\s*['"`]([^'"`]+)/g)) {
      for (const rule of (title[1] ?? '').matchAll(/\b(?:PL|GS|SN)\d+\b/g)) quoted.add(rule[0])
    }
  }
  expect([...quoted].sort()).toEqual([...rules].sort())
})
