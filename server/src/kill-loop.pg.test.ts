/**
 * Three workers killed again and again in the middle of snapshots, pulls, pushes and repacking, on real PostgreSQL and real Git, while people type and
 * somebody commits at GitHub. Longer: `KILLS=300 npx vitest run server/src/kill-loop.pg.test.ts`.
 */
import { createTestDatabase } from '@skein/db/testing'
import { expect, test } from 'vitest'
import { seededRandom } from './collab/simulation/seeded-random.ts'
import { missingOf, runKillLoop } from './testing/kill-loop/kill-loop.ts'
import { Day, type Happening } from './testing/sync-simulation/day.ts'
import { findProblems } from './testing/sync-simulation/simulate.ts'
import { oneOf } from './testing/sync-simulation/text-changes.ts'
import { createTestFolder, startGithub } from './testing/world.ts'

const kills = Number(process.env.KILLS ?? 30)
const killsMax = kills * 4
/** What goes on while workers die. */
const life: Happening[] = ['type', 'type', 'type', 'remoteCommit', 'remoteCommit', 'changeTree', 'hint', 'mergePull']

test(
  `SN4 SN6 GS4 GS5: ${kills} kills of three workers, every named step among them: nothing is lost, nothing is done twice`,
  async () => {
    const database = await createTestDatabase()
    const parts = { test: database, github: await startGithub(), folder: await createTestFolder() }
    const day = new Day(parts, seededRandom(1))
    await day.begin()
    const { apiUrl, gitUrl, app } = parts.github
    try {
      const report = await runKillLoop({
        settings: {
          address: database.address,
          folder: parts.folder,
          project: day.project.key,
          github: { apiUrl, gitUrl, app },
        },
        kills,
        killsMax,
        onKill: async (words) => {
          if (process.env.KILLS_TELL)
            process.stdout.write(`${words}
`)
          // Time passes: nobody waits for the dead.
          await day.endLeases()
        },
        live: async () => {
          await day.happen(oneOf(day.chance, life))
          if (day.chance() < 0.3) await day.unblock()
        },
      })
      expect(missingOf(report)).toEqual([])
      expect(report.complaints).toEqual([])
      const rounds = await day.end()
      expect(await findProblems(parts, day, rounds)).toEqual([])
    } finally {
      await day.close()
    }
  },
  60_000 + kills * 15_000,
)
