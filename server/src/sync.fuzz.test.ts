/**
 * Two-way sync in days made by chance: real PostgreSQL, real Git, real sockets, and the strict stand-in for GitHub. More days:
 * `SYNC_DAYS=50 npm run test:fuzz -- sync`; one of them again: `SYNC_SEED=17`.
 */
import { createTestDatabase } from '@skein/db/testing'
import { expect, test } from 'vitest'
import { simulateDay } from './testing/sync-simulation/simulate.ts'
import { createTestFolder, startGithub } from './testing/world.ts'

const STEPS = 60
const days = Number(process.env.SYNC_DAYS ?? 3)
const only = process.env.SYNC_SEED
const seeds = only ? [Number(only)] : Array.from({ length: days }, (_, n) => n + 1)

const parts = { test: await createTestDatabase(), github: await startGithub(), folder: await createTestFolder() }

test(
  `GS5 GS6 GS7 GS8: ${seeds.length} days of people, kills and a remote that does everything: nothing is lost, both sides come together`,
  async () => {
    const kills = new Set<string>()
    const wrong: string[] = []
    let words = 0
    for (const seed of seeds) {
      const report = await simulateDay(parts, seed, STEPS)
      if (process.env.SYNC_TELL) process.stdout.write(`${JSON.stringify(report)}\n`)
      wrong.push(...report.problems.map((problem) => `seed ${seed}: ${problem}`))
      for (const where of report.kills) kills.add(where)
      words += report.words
    }
    expect(wrong).toEqual([])
    expect(words).toBeGreaterThan(seeds.length * 20)
    if (!only) expect(kills.size).toBeGreaterThan(0)
  },
  seeds.length * 240_000,
)

test(
  `FL1 FL2 FL8: ${seeds.length} days of a project that is a folder of its repository: nothing is lost, and nothing outside is touched`,
  async () => {
    const wrong: string[] = []
    for (const seed of seeds) {
      const report = await simulateDay({ ...parts, directory: 'team/docs' }, seed, STEPS)
      if (process.env.SYNC_TELL) process.stdout.write(`${JSON.stringify(report)}\n`)
      wrong.push(...report.problems.map((problem) => `folder, seed ${seed}: ${problem}`))
    }
    expect(wrong).toEqual([])
  },
  seeds.length * 240_000,
)
