/** Runs one day from a seed, and says what is wrong with how it ended; nothing, when all is well. */
import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import { GitProbe } from '../../adapters/git/git-probe.ts'
import { GitProgram } from '../../adapters/git/git-program.ts'
import { seededRandom } from '../../collab/simulation/seeded-random.ts'
import { until } from '../../collab/testing/client.ts'
import { checkRepository } from '../../commands/packs/check-repository.ts'
import { testSearchPath } from '../world.ts'
import { Day, type DayParts } from './day.ts'
import { findDoubles } from './word-book.ts'

export interface DayReport {
  seed: number
  problems: string[]
  /** What it went through, to see that it did something. */
  words: number
  kills: string[]
  rounds: number
  /** What happened, in order. */
  log: string[]
}

export async function simulateDay(parts: DayParts, seed: number, steps: number): Promise<DayReport> {
  const folder = mkdtempSync(path.join(parts.folder, `day-${seed}-`))
  const day = new Day({ ...parts, folder }, seededRandom(seed))
  const problems: string[] = []
  let rounds = 0
  try {
    await day.begin()
    for (let step = 0; step < steps; step++) await day.step()
    rounds = await day.end()
    problems.push(...(await findProblems({ ...parts, folder }, day, rounds)))
  } catch (error) {
    problems.push(`the day broke off: ${(error as Error).stack}`)
  } finally {
    await day.close()
  }
  return { seed, problems, words: day.book.size, kills: day.killedAt, rounds, log: day.log }
}

/** What is wrong with how a day ended; empty when all is well. */
export async function findProblems({ test, github, folder }: DayParts, day: Day, rounds: number): Promise<string[]> {
  const problems = day.faults.map((error) => `a worker failed: ${(error as Error).stack ?? String(error)}`)
  if (!Number.isFinite(rounds)) problems.push('the two sides did not come together')
  const texts = await day.everyText()
  for (const word of day.book.findLost(texts)) problems.push(`${word} was lost`)
  const committed = await day.project.committed()
  for (const [name, bytes] of await day.project.live()) {
    if (!committed.get(name)?.equals(bytes)) problems.push(`“${name}” is not committed as it stands`)
    for (const word of findDoubles(bytes.toString())) problems.push(`${word} stands twice in “${name}”`)
  }
  problems.push(...(await findLagging(day)))
  problems.push(...(await checkRemoteKept(day)))
  for (const { ref, forced } of await github.readPushes(day.remote.repositoryId)) {
    if (forced) problems.push(`we forced ${ref}`)
  }
  const own = await day.project.ask<{ oid: string }>(
    'select remote_oid as oid from commit_map where project_id = $1 and is_own',
  )
  const meddling = await day.remote.findMeddling(own.map(({ oid }) => oid))
  for (const oid of meddling) problems.push(`our commit ${oid} changed what is outside of the folder`)
  if ((await day.remote.openPulls()) > 1) problems.push('more than one pull request is open')
  const probe = new GitProbe({
    database: test.database,
    git: new GitProgram(testSearchPath),
    scratchDir: path.join(folder, 'fsck'),
  })
  const checked = await checkRepository({ database: test.database, probe }, day.project.key)
  problems.push(...(checked?.problems ?? ['there is no repository']))
  return problems
}

/** Pages come to show what rows hold, also of what another node has written. */
async function findLagging(day: Day): Promise<string[]> {
  const shown = () => day.people.flatMap((person) => [...person.texts().values()])
  const isCurrent = async () => {
    const texts = new Set(await day.everyText())
    return shown().every((text) => texts.has(text))
  }
  return until(isCurrent, 'every page shows what the rows hold', 60_000).then(
    () => [],
    (error: Error) => [error.message],
  )
}

/** Every commit that the remote had and that was brought here is reachable from ours, or pinned. */
async function checkRemoteKept(day: Day): Promise<string[]> {
  const reachable = new Set((await day.project.git('rev-list', '--all')).split('\n'))
  const known = await day.project.ask<{ oid: string }>(
    `select oid from git_commit where project_id = $1 and kind = 'remote'`,
  )
  return known.filter(({ oid }) => !reachable.has(oid)).map(({ oid }) => `the remote's commit ${oid} is not kept`)
}
