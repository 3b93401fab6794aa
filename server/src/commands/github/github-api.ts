/**
 * Port: GitHub's REST API, as far as sync needs it. Calls of one installation share one budget (GitHub's), and wait their turn in one queue;
 * a push needs none of them. What GitHub may well answer is a value, and every call rejects when `signal` is aborted.
 */
import type { Oid } from '@skein/protocol'
import type { GithubAnswer, GithubPlace, GithubRepository } from './github-host.ts'

/** What GitHub says about a branch. Advice: the result of a push is the truth. */
export interface BranchRules {
  isProtected: boolean
  needsPullRequest: boolean
  needsSignatures: boolean
  hasMergeQueue: boolean
  requiredChecks: readonly string[]
}

export interface PullRequest {
  number: number
  title: string
  url: string
  /** `merged` in whatever way: merge, squash or rebase. */
  state: 'open' | 'merged' | 'closed'
  headBranch: string
  baseBranch: string
  headOid: Oid
  /** What GitHub made on the base branch; null while it is not merged. */
  mergeOid: Oid | null
  /** Null: GitHub has not looked yet. */
  isMergeable: boolean | null
}

export interface PullRequestText {
  title: string
  body: string
}

export interface GithubApi {
  readRepository(place: GithubPlace, signal: AbortSignal): Promise<GithubAnswer<GithubRepository>>
  readRules(
    place: GithubPlace,
    fullName: string,
    branch: string,
    signal: AbortSignal,
  ): Promise<GithubAnswer<BranchRules>>
  /** The newest pull request from that branch of the same repository to that base; null: there was none. */
  findPullRequest(
    place: GithubPlace,
    fullName: string,
    branches: { head: string; base: string },
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest | null>>
  readPullRequest(
    place: GithubPlace,
    fullName: string,
    number: number,
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>>
  /** One that is open already between these branches is given instead. */
  createPullRequest(
    place: GithubPlace,
    fullName: string,
    request: PullRequestText & { head: string; base: string },
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>>
  updatePullRequest(
    place: GithubPlace,
    fullName: string,
    number: number,
    text: PullRequestText,
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>>
  /** Closes it without merging it, and says why in a comment; one that is closed or merged already is left as it is, without another comment. */
  closePullRequest(
    place: GithubPlace,
    fullName: string,
    number: number,
    comment: string,
    signal: AbortSignal,
  ): Promise<GithubAnswer<PullRequest>>
}
