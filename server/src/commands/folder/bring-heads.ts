/**
 * Remote heads of a link to a folder, as commits of ours: what is not known is fetched whole, and translated. After that whoever decides, merges and tells
 * deals with commits of ours alone.
 */
import { decodeCommit, findFolder } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import { SKEIN } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { Reason } from '../github/describe-failure.ts'
import type { GithubFailure, GithubPlace } from '../github/github-host.ts'
import type { GithubRemote } from '../github/github-remote.ts'
import { pullBytesMax } from '../pull/pull-limits.ts'
import { type FolderStoreDeps, fetchedRef, findNoted, keepHead, readerOf } from './folder-store.ts'
import { translateHead } from './translate-in.ts'
import type { Head } from './translate-out.ts'

/** Instants at which a test may strike. */
export type FolderStep = 'fetched' | 'stored' | 'translated' | 'kept' | 'built' | 'recorded' | 'pushed'

export interface FolderDeps extends FolderStoreDeps {
  git: FolderStoreDeps['git'] & Pick<GitStore, 'withFetchDirectory' | 'withDirectory' | 'listCommits'>
  remote: Pick<GithubRemote, 'fetch' | 'push'>
  /** Called at each step; a test throws here where a kill would strike. */
  onStep?: (step: FolderStep) => Promise<void> | void
}

export interface FolderLink extends GithubPlace {
  fullName: string
  directory: string
}

export type BroughtHead =
  | { outcome: 'here'; head: Head }
  /** The branch has gone on meanwhile. */
  | { outcome: 'gone' }
  | { outcome: 'failed'; failure: GithubFailure }
  /** It cannot be taken over as it is; nothing was changed here. */
  | { outcome: 'refused'; reason: Reason }

/** Brings one remote head here. */
export async function bringHead(
  deps: FolderDeps,
  project: ProjectKey,
  link: FolderLink,
  { branch, remote }: { branch: string; remote: Oid },
  signal: AbortSignal,
): Promise<BroughtHead> {
  const folder = { project, directory: link.directory }
  const noted = await findNoted(deps, folder, branch, remote)
  if (noted !== null) return { outcome: 'here', head: { remote, local: noted } }
  if (!(await deps.git.hasCommit(project, remote))) {
    const hindrance = await fetchWhole(deps, project, link, { branch, remote }, signal)
    if (hindrance !== null) return hindrance
  }
  const reader = readerOf(deps, folder)
  const { tree } = decodeCommit(await reader.readCommit(remote))
  const found = await findFolder(tree, link.directory, (oid) => reader.readTree(oid))
  if (found.is === 'blocked') return { outcome: 'refused', reason: describeBlocked(link, branch, found) }
  const head = await translateHead(reader, link.directory, remote)
  await deps.onStep?.('translated')
  signal.throwIfAborted()
  await keepHead(deps, folder, { branch, remote, head })
  await deps.onStep?.('kept')
  return { outcome: 'here', head: { remote, local: head.local } }
}

/** The packs that come are kept whole: what is outside of the folder is needed to push. */
function fetchWhole(
  deps: FolderDeps,
  project: ProjectKey,
  link: FolderLink,
  { branch, remote }: { branch: string; remote: Oid },
  signal: AbortSignal,
): Promise<Exclude<BroughtHead, { outcome: 'here' }> | null> {
  const { fullName } = link
  const ref = fetchedRef(branch)
  return deps.git.withFetchDirectory(project, signal, async (fetched) => {
    const { directory } = fetched
    const request = { directory, fullName, wanted: remote, ref, bytesMax: pullBytesMax }
    const answer = await deps.remote.fetch(link, request, signal)
    if (answer.outcome === 'refused') return { outcome: 'refused', reason: describeRefused(fullName, answer.reason) }
    if (answer.outcome !== 'fetched') return answer
    await deps.onStep?.('fetched')
    await fetched.keep({ ref, tip: remote, actor: SKEIN, reason: 'folder', signal }, async () => {})
    await deps.onStep?.('stored')
    return null
  })
}

const describeRefused = (fullName: string, reason: string): Reason => ({
  code: 'pull-refused',
  message: `What is on ${fullName} cannot be brought in, so nothing was changed. ${reason} Mend it on GitHub, then try again. Editing and committing go on.`,
})

const kinds: ReadonlyMap<number, string> = new Map([
  [0o160000, 'a submodule'],
  [0o120000, 'a link'],
])

function describeBlocked(
  { directory, fullName }: FolderLink,
  branch: string,
  { at, mode }: { at: string; mode: number },
): Reason {
  const what = kinds.get(mode) ?? 'a file'
  const way = at === directory ? '' : `, which the folder “${directory}” should be in`
  return {
    code: 'folder-blocked',
    message: `“${at}” on ${branch} of ${fullName} is ${what} now, not a folder${way}. Nothing was changed here, and nothing leaves. Make it a folder again on GitHub, or link another folder. Editing and committing go on.`,
  }
}
