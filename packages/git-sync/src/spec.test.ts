import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('every rule of SPEC.md is quoted by a test, and every quoted rule exists', () => {
  const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8')
  const rules = new Set([...spec.matchAll(/\*\*([A-Z]{2}\d+)\*\*/g)].map((match) => match[1]))
  const quoted = new Set<string | undefined>()
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8')
    for (const title of source.matchAll(/test\(\s*['`]((?:[A-Z]{2}\d+ ?)+):/g)) {
      for (const rule of title[1]?.trim().split(' ') ?? []) quoted.add(rule)
    }
  }
  expect([...quoted].sort()).toEqual([...rules].sort())
})
