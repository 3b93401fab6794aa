/** Gathers what the text of a pull request tells: who changed what since the linked branch. */
import type { SyncFacts } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { PullRequestText } from '../github/github-api.ts'
import type { Round, SyncDeps } from './round.ts'

export const rollingBranchName = (slug: string): string => `skein/${slug}`
export function freeRollingBranch(name: string, taken: Iterable<string>): string {
  const all = new Set(taken)
  let free = name
  for (let n = 2; all.has(free); n += 1) free = `${name}-${n}`
  return free
}
export async function writePullRequest(
  deps: SyncDeps,
  round: Round,
  facts: SyncFacts,
  head: Oid,
): Promise<PullRequestText> {
  const subjects: string[] = []
  const known = facts.tracked.oid === null || facts.tracked.relation === 'unknown' ? [] : [facts.tracked.oid]
  for await (const commit of deps.git.listCommits(round.project, head, known))
    subjects.push(`- ${commit.message.split('\n')[0]} (${commit.authorName})`)
  return { title: `Changes from Skein`, body: subjects.join('\n') }
}
