import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { apiProvocations } from './provoke-api.ts'
import { gitProvocations } from './provoke-git.ts'
import { pullProvocations } from './provoke-pulls.ts'
import { refusals } from './refusals.ts'
import { type Seen, type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

let visitor: Visitor
let provocations: Record<string, () => Promise<Seen>>

beforeAll(async () => {
  visitor = await visitGithub()
  provocations = { ...apiProvocations(visitor), ...pullProvocations(visitor), ...gitProvocations(visitor) }
})

afterAll(() => visitor.end())

test('no provocation is without its row', () => {
  expect(Object.keys(provocations).sort()).toEqual(Object.keys(refusals).sort())
})

describe('every refusal of the table can be provoked', () => {
  for (const [name, refusal] of Object.entries(refusals)) {
    test(name, async () => {
      const { github } = visitor
      try {
        const seen = await provocations[name]?.()
        expect(seen?.status).toBe(refusal.status)
        expect(seen?.text).toContain(refusal.message)
      } finally {
        await github.setRateLimit(null)
        await github.setClock(0)
        await github.setLimits({ fileBytesMax: 100 * 1_048_576, contentCallsPerMinute: 80 })
      }
    })
  }
})
