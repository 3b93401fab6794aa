/**
 * Links to a folder: right after GitHub was read, its heads become commits of ours (`commands/folder`), so that everything else of a round is the same as
 * for whole repositories. What GitHub's API says of a pull request is told in its own oids, and is looked up when it is needed.
 */
import { commitMapQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import { bringHead, type FolderDeps } from '../folder/bring-heads.ts'
import type { Head } from '../folder/translate-out.ts'
import type { GithubFailure } from '../github/github-host.ts'
import { isLeft, type Link, type Round, type StepEnd, type SyncDeps } from './round.ts'

export const folderDeps = ({ db, git, remote, pull }: SyncDeps): FolderDeps => ({
  ...{ db, git, remote },
  objects: pull.snapshot.objects,
})

/** Brings the heads of these branches here. Null: in `round.refs` they are commits of ours, as they always are of whole repositories. */
export async function bringFolderHeads(
  deps: SyncDeps,
  round: Round,
  link: Link,
  names: readonly string[],
): Promise<{ ended: StepEnd } | { failure: GithubFailure } | null> {
  const { refs } = round
  if (link.directory === '' || refs === null) return null
  refs.folder ??= new Map<string, Head>()
  for (const branch of new Set(names)) {
    const remote = refs.branches.get(branch)
    if (remote === undefined || refs.folder.has(branch)) continue
    if (isLeft(round, link, remote)) return { ended: { end: 'settled', because: 'held', head: null } }
    const brought = await bringHead(folderDeps(deps), round.project, link, { branch, remote }, round.signal)
    switch (brought.outcome) {
      case 'here':
        refs.folder.set(branch, brought.head)
        refs.branches.set(branch, brought.head.local)
        break
      case 'gone':
        round.refs = null
        return { ended: 'on' }
      case 'failed':
        return { failure: brought.failure }
      case 'refused':
        return { ended: { end: 'held', reason: brought.reason, lifts: 'itself', oid: remote } }
    }
  }
  return null
}

/** Commits of ours under the oids that GitHub has them under, as far as they were sent. */
export async function toRemoteCommits<T extends { oid: Oid }>(
  { db }: SyncDeps,
  { directory, projectId, workspaceId }: Link,
  commits: readonly T[],
): Promise<T[]> {
  if (directory === '') return [...commits]
  const oids = commits.map(({ oid }) => oid)
  const pairs = await db.inWorkspace(
    workspaceId,
    (tx) => commitMapQueries.findRemoteCommits(tx, { projectId, directory }, oids),
    { readOnly: true },
  )
  const remotes = new Map(pairs.map(({ local, remote }) => [local, remote]))
  return commits.map((commit) => ({ ...commit, oid: remotes.get(commit.oid) ?? commit.oid }))
}

/** The link with the commits of its pull request as ours; one that is not known is what we pushed, or not merged yet as far as anybody knows here. */
export async function toOurCommits({ db }: SyncDeps, link: Link): Promise<Link> {
  const { directory, projectId, workspaceId, prLastOid, prMergeOid } = link
  if (directory === '' || prLastOid === null) return link
  const asked = [prLastOid, ...(prMergeOid === null ? [] : [prMergeOid])]
  const pairs = await db.inWorkspace(
    workspaceId,
    (tx) => commitMapQueries.findLocalCommits(tx, { projectId, directory }, asked),
    { readOnly: true },
  )
  const ours = (oid: Oid | null): Oid | null => pairs.find(({ remote }) => remote === oid)?.local ?? null
  return { ...link, prLastOid: ours(prLastOid) ?? link.prHeadOid, prMergeOid: ours(prMergeOid) }
}
