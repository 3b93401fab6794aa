/**
 * Fetching a remote head (PL1): into a folder of its own, checked, kept as one pack, and named by a ref of ours. Only then anything else is done
 * with it. A head that we have already, as of a commit that we pushed, is not fetched again.
 */
import { commitQueries, repositoryQueries, type Tx } from '@skein/db'
import { type Oid, SKEIN } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { FetchDirectory } from '../git-store.ts'
import { keepCommits } from './keep-commits.ts'
import { pullBytesMax, pullTreeLimits } from './pull-limits.ts'
import type { PullDeps, PullOutcome, PullRequest } from './pull-project.ts'

/** Where the remote's branch stands as far as it was fetched; never shown to clients. */
export const remoteRef = (branch: string): string => `refs/remotes/github/${branch}`

type Wanted = Pick<PullRequest, 'link' | 'fullName' | 'branch' | 'theirs'>

/** Null when `theirs` is here; otherwise why not, and nothing has changed. */
export const fetchHead = (
  deps: PullDeps,
  project: ProjectKey,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<PullOutcome | null> => fetchCommit(deps, project, wanted, remoteRef(wanted.branch), signal)

/** Where the head of the pull request stands that was squashed last. */
const squashedRef = 'refs/remotes/pull/head'

/**
 * Brings the head of a squashed pull request here, which GitHub keeps although no branch leads to it: somebody may have gone on with what we pushed
 * right before. The pull goes on without it too, from the last head that GitHub took from us.
 */
export async function fetchSquashed(
  deps: PullDeps,
  project: ProjectKey,
  request: PullRequest,
  signal: AbortSignal,
): Promise<void> {
  const { mergedHead, link } = request
  if (mergedHead === null || link.directory !== '' || (await deps.git.hasCommit(project, mergedHead))) return
  await fetchCommit(deps, project, { ...request, theirs: mergedHead }, squashedRef, signal)
}

async function fetchCommit(
  deps: PullDeps,
  project: ProjectKey,
  { link, fullName, theirs }: Wanted,
  ref: string,
  signal: AbortSignal,
): Promise<PullOutcome | null> {
  const found = await deps.db.inWorkspace(project.workspaceId, async (tx) => ({
    tip: await repositoryQueries.findRef(tx, project.projectId, ref),
    isHere: (await commitQueries.findCommit(tx, project.projectId, theirs)) !== null,
  }))
  if (found.tip === theirs) return null
  return deps.git.withFetchDirectory(project, signal, async (fetched) => {
    if (!found.isHere) {
      const { directory } = fetched
      const request = { directory, fullName, wanted: theirs, ref, bytesMax: pullBytesMax }
      const answer = await deps.remote.fetch(link, request, signal)
      // The branch has gone on meanwhile: whoever asked looks again.
      if (answer.outcome === 'gone') return { state: 'busy' }
      if (answer.outcome === 'failed') return { state: 'failed', failure: answer.failure }
      if (answer.outcome === 'refused') return refuse(fullName, answer.reason)
    }
    await deps.onStep?.('fetched')
    const problem = await fetched.findProblem(theirs, pullTreeLimits)
    if (problem !== null) return refuse(fullName, problem)
    await keep(project, fetched, { ref, tip: theirs, before: found.tip, signal })
    await deps.onStep?.('stored')
    return null
  })
}

async function keep(
  project: ProjectKey,
  fetched: FetchDirectory,
  { ref, tip, before, signal }: { ref: string; tip: Oid; before: Oid | null; signal: AbortSignal },
): Promise<void> {
  const goesOn = before !== null && (await fetched.isAncestor(before, tip))
  await fetched.keep({ ref, tip, actor: SKEIN, reason: 'pull', signal }, async (tx, from) => {
    // What the remote has left stays here, and is never pushed: it may have been left to be forgotten there.
    if (from !== null && !(goesOn && from === before)) await pin(tx, project, from)
    await keepCommits(tx, project, fetched.listCommits(tip), 'remote')
  })
}

/** Keeps a commit that no branch leads to any more. The transaction has locked the repository. */
export async function pin(tx: Tx, project: ProjectKey, oid: Oid): Promise<void> {
  await repositoryQueries.moveRef(tx, project, { name: `refs/pinned/${oid}`, from: null, to: oid })
}

const refuse = (fullName: string, reason: string): PullOutcome => ({
  state: 'refused',
  reason: {
    code: 'pull-refused',
    message: `What is on ${fullName} cannot be brought in, so nothing was changed. ${reason} Mend it on GitHub, then try again. Editing and committing go on.`,
  },
})
