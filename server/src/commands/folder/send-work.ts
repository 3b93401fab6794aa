/**
 * One push of a link to a folder: what GitHub does not have is translated on top of its head, kept, and sent with that head as the lease. What was kept
 * before it left is known again when it is found there after a kill.
 */
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { PushAnswer } from '../github/github-host.ts'
import type { FolderDeps, FolderLink } from './bring-heads.ts'
import { keepWork, readerOf } from './folder-store.ts'
import { type Head, translateWork } from './translate-out.ts'

export interface FolderPush {
  branch: string
  /** Our head. */
  to: Oid
  /** Where the branch stands; null: it is not there. */
  lease: Head | null
  /** The head of the linked branch, which work stands on; null: there is none. */
  tracked: Head | null
}

export type FolderPushAnswer =
  | { outcome: 'answered'; answer: PushAnswer; remote: Oid }
  /** The branch went on there in a way that what we have cannot go on from. */
  | { outcome: 'left' }

export async function sendWork(
  deps: FolderDeps,
  project: ProjectKey,
  link: FolderLink,
  { branch, to, lease, tracked }: FolderPush,
  signal: AbortSignal,
): Promise<FolderPushAnswer> {
  const folder = { project, directory: link.directory }
  const reader = readerOf(deps, folder)
  const heads = [lease, tracked].flatMap((head) => head ?? [])
  const exclude = [...new Set(heads.map(({ local }) => local))]
  const commits = deps.git.listCommits(project, to, exclude)
  const work = await translateWork(reader, link.directory, { local: to, commits, heads })
  await deps.onStep?.('built')
  signal.throwIfAborted()
  await keepWork(deps, folder, { branch, work })
  await deps.onStep?.('recorded')
  if (lease !== null && !(await reader.isAncestor(lease.remote, work.remote))) return { outcome: 'left' }
  const request = { fullName: link.fullName, branch, from: lease?.remote ?? null, to: work.remote }
  const answer = await deps.git.withDirectory(project, (directory) =>
    deps.remote.push(link, { directory, ...request }, signal),
  )
  await deps.onStep?.('pushed')
  return { outcome: 'answered', answer, remote: work.remote }
}
