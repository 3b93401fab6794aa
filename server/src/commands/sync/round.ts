/** One round of the sync job for one project: what it works with, what it knows so far, and how it can end. */
import type { Database, githubLinkQueries, outboxQueries, Tx } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { Head } from '../folder/translate-out.ts'
import type { GitStore } from '../git-store.ts'
import type { Reason } from '../github/describe-failure.ts'
import type { GithubApi } from '../github/github-api.ts'
import type { GithubFailure } from '../github/github-host.ts'
import type { GithubRemote } from '../github/github-remote.ts'
import { lockLink } from '../github/lock-link.ts'
import type { PullDeps } from '../pull/pull-project.ts'
import type { Histories } from './histories.ts'
import type { SecretGate } from './secret-gate.ts'
import type { SyncNews } from './sync-news.ts'

export type Link = githubLinkQueries.GithubLinkRow

/** Whether what is known of one is true of the other: nobody has linked something else meanwhile. */
export const isSameLink = (one: Link, other: Link): boolean =>
  one.repositoryId === other.repositoryId && one.branch === other.branch && one.directory === other.directory

export interface SyncDeps {
  db: Database
  git: Pick<
    GitStore,
    | 'withDirectory'
    | 'withFetchDirectory'
    | 'hasCommit'
    | 'isAncestor'
    | 'mergeBase'
    | 'diffTrees'
    | 'countLines'
    | 'countLinesByFile'
    | 'listCommits'
    | 'listLargeBlobs'
  >
  remote: GithubRemote
  api: GithubApi
  pull: PullDeps
  secrets: SecretGate
  news: SyncNews
  record: RecordEvent
  now: () => Date
  /** From 0 to 1, to spread retries. */
  random: () => number
  /** Least time between two pushes to one repository. */
  minIntervalMs: number
  /** Where people find the project, for the text of pull requests; without a slash at the end. */
  publicUrl: string
}

/** What is known within one round. Refs are read once and kept as our own pushes move them; whoever doubts them sets them to null. */
export interface Round {
  readonly project: ProjectKey
  /** As the round began, with the branch that it follows: all that is found is true of this link alone, and written down under it alone. */
  link: Link
  readonly row: outboxQueries.ClaimedSync
  readonly signal: AbortSignal
  /** A person asked. */
  readonly isByHand: boolean
  /** What the operations of this round are said to be triggered by. */
  readonly trigger: string
  readonly histories: Histories
  refs: {
    defaultBranch: string | null
    branches: Map<string, Oid>
    /** Of a link to a folder: heads as GitHub has them, of branches that `branches` has as ours. Null: none, as of a whole repository. */
    folder: Map<string, Head> | null
  } | null
  /** GitHub's API has something to say that is not known yet. */
  isDeep: boolean
  /** GitHub's API did not answer, or is not to be asked before: the round goes on with what Git says. */
  apiNotBefore: Date | null
  /** GitHub declined what was asked because something there has changed; that is read anew once in a round. */
  wasDeclined: boolean
  /** People have decided about conflicts, and the head that was read holds none of it yet. */
  isDecided: boolean
  /** That was committed in this round. */
  isCommitted: boolean
  /** Something is to be told GitHub then, although nothing else is left to do. */
  lookSoonerAt: Date | null
}

export type RoundEnd =
  /** Nothing is left to do; `because` as `decide` says. */
  | { end: 'settled'; because: string; head: Oid | null }
  /** Sync stops until its cause is gone (`itself`) or a person asks for another try. `oid`: what was looked at. */
  | { end: 'held'; reason: Reason; lifts: 'itself' | 'person'; oid: Oid | null }
  /** Not before that time; nothing has failed. */
  | { end: 'later'; until: Date }
  /** GitHub did not do it, which passes by itself. */
  | { end: 'waits'; failure: GithubFailure }
  /** The link is not there any more, or another one. */
  | { end: 'gone' }

/** What comes of one step: the round goes on, or ends. */
export type StepEnd = 'on' | RoundEnd

/** What could not be brought in once is left, until something else stands there or a person asks: each try keeps commits waiting. */
export const isLeft = ({ isByHand }: Round, { heldCode, heldOid }: Link, theirs: Oid): boolean =>
  !isByHand && (heldCode === 'pull-refused' || heldCode === 'pull-abandoned') && heldOid === theirs

/** Writes down what a round found. False: somebody has linked something else since it began, of which nothing of that is true; nothing is written. */
export function recordFound(
  { db }: Pick<SyncDeps, 'db'>,
  { project, link }: Round,
  write: (tx: Tx, now: Link) => Promise<void>,
): Promise<boolean> {
  return db.inWorkspace(project.workspaceId, async (tx) => {
    const now = await lockLink(tx, project.projectId)
    if (now === null || !isSameLink(now, link)) return false
    await write(tx, now)
    return true
  })
}
