/** Gathers what the text of a pull request tells: which files and which commits the linked branch does not have. */
import { projectQueries } from '@skein/db'
import { type RequestedCommit, type RequestedFile, type SyncFacts, writePullRequestText } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { FileLines, TreeDifference } from '../git-store.ts'
import type { PullRequestText } from '../github/github-api.ts'
import { keyOf } from '../pull/read-changes.ts'
import { toRemoteCommits } from './folder-refs.ts'
import type { Link, Round, SyncDeps } from './round.ts'

/** More are counted, not listed. */
const filesMax = 1_000
const commitsMax = 500

export async function writePullRequest(
  deps: SyncDeps,
  round: Round,
  link: Link,
  { tracked }: SyncFacts,
  head: Oid,
): Promise<PullRequestText> {
  const { projectId, workspaceId } = round.project
  const found = await deps.db.inWorkspace(workspaceId, (tx) => projectQueries.findProject(tx, projectId), {
    readOnly: true,
  })
  const base = tracked.relation === 'unknown' ? null : tracked.oid
  const { commits, commitCount } = await readCommits(deps, round, base, head)
  return writePullRequestText({
    project: found?.name ?? 'Project',
    projectUrl: toProjectUrl(deps.publicUrl, projectId),
    ...(await readFiles(deps, round, base, head)),
    commits: await toRemoteCommits(deps, link, commits),
    commitCount,
  })
}

/** Nobody who reads it on GitHub can open an address of this machine. */
function toProjectUrl(publicUrl: string, project: string): string | null {
  const { hostname } = new URL(publicUrl)
  const isHere = hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\])/.test(hostname)
  return isHere ? null : `${publicUrl}/p/${project}`
}

async function readFiles({ git }: SyncDeps, { project }: Round, base: Oid | null, head: Oid) {
  const differences: TreeDifference[] = []
  let fileCount = 0
  for await (const difference of git.diffTrees(project, base, head)) {
    fileCount += 1
    if (differences.length < filesMax) differences.push(difference)
  }
  // Of more files than are told the lines of none are: to count them Git compares all.
  const lines: Lines = fileCount <= filesMax ? await git.countLinesByFile(project, base, head) : new Map()
  const files = differences.map((difference) => toFile(difference, lines))
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), fileCount }
}

type Lines = ReadonlyMap<string, FileLines>

function toFile({ from, to }: TreeDifference, lines: Lines): RequestedFile {
  const name = (path: Uint8Array): string => Buffer.from(path).toString('utf8')
  const before = from === null ? null : name(from.path)
  const path = to === null ? (before ?? '') : name(to.path)
  const change = from === null ? 'added' : to === null ? 'deleted' : 'edited'
  const key = keyOf((to ?? from)?.path ?? new Uint8Array())
  return { path, from: before === path || to === null ? null : before, change, lines: lines.get(key) ?? null }
}

async function readCommits({ git }: SyncDeps, { project }: Round, base: Oid | null, head: Oid) {
  let commits: (RequestedCommit & { oid: Oid })[] = []
  let commitCount = 0
  for await (const commit of git.listCommits(project, head, base === null ? [] : [base])) {
    commitCount += 1
    commits.push(commit)
    // Oldest come first; the newest are told.
    if (commits.length > 2 * commitsMax) commits = commits.slice(-commitsMax)
  }
  return { commits: commits.slice(-commitsMax).reverse(), commitCount }
}
