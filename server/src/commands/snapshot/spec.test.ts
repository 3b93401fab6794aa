import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const sources = join(import.meta.dirname, '../..')

test('every rule of SPEC.md is quoted by a test, and every quoted rule exists', () => {
  const spec = readFileSync(join(import.meta.dirname, 'SPEC.md'), 'utf8')
  const rules = new Set([...spec.matchAll(/\*\*(SN\d+)\*\*/g)].map((match) => match[1]))
  const quoted = new Set<string | undefined>()
  const tests = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))
  for (const name of tests) {
    for (const title of readFileSync(join(sources, name), 'utf8').matchAll(/'((?:SN\d+ ?)+):/g)) {
      for (const rule of title[1]?.trim().split(' ') ?? []) quoted.add(rule)
    }
  }
  expect([...quoted].sort()).toEqual([...rules].sort())
})
