/** What a link is decided by: rows of ours, refs as Git says them, and what GitHub's API said last. All of it is read anew before each decision. */
import type { Oid, OverlapPolicy, SyncMode } from '@skein/protocol'

/** How our head stands to a commit of theirs: `ahead` when it contains it, `behind` when it is contained; `unknown`: not fetched yet. */
export type Relation = 'equal' | 'ahead' | 'behind' | 'diverged' | 'unrelated' | 'unknown'

/** The branch that the project is linked to. */
export interface TrackedBranch {
  name: string
  /** Null: it is not there. */
  oid: Oid | null
  /** Of our head to `oid`; without a head, or without a branch, `unknown`. */
  relation: Relation
  /** `merged` is not an ancestor of `oid`, nor `oid` itself. Null: not known before it is fetched. False while nothing was merged. */
  isRewritten: boolean | null
  /** Whether our head's tree is the same as its. */
  isSameTree: boolean
  /** The link follows the default branch under whatever name; false when somebody chose another one. */
  followsDefault: boolean
}

/** Our branch for pull requests. */
export interface RollingBranch {
  /** The one in use, or the first to be made. */
  name: string
  oid: Oid | null
  relation: Relation
  /** What GitHub confirmed there last; null: we never pushed to it. */
  pushed: Oid | null
  /** `pushed` is not in our head any more: a squash, a rebase or a force-push made it start anew. False without `pushed`. */
  isLeft: boolean
  /** A name that no branch of the repository has: `freeRollingBranch` of the project's own name for it, whatever the one in use is called. */
  freeName: string
}

export interface PullRequestFacts {
  number: number
  state: 'open' | 'merged' | 'closed'
  headBranch: string
  baseBranch: string
  headOid: Oid
  mergeOid: Oid | null
  /** Whether `headOid` is in the tracked branch; null: not known before that is fetched. */
  isHeadInTracked: boolean | null
  /** Whether `mergeOid` is in our head: what came of the pull request was pulled, and it is history. */
  isMergeInHead: boolean
  /** Where the tracked branch stood when GitHub's API was asked about the pull request last. */
  seenWith: Oid | null
  /** The head that its title and body were written for; null: never by us. */
  describes: Oid | null
}

export type RefusalRule = 'protected-branch' | 'repository-rules' | 'workflows-permission' | 'file-too-large' | 'other'

/** A push that GitHub refused, until a push to the same branch passes or somebody asks for another try, or chooses a mode. */
export interface Refusal {
  branch: 'tracked' | 'rolling'
  rule: RefusalRule
  head: Oid
}

/** The refs are read after the pull request, so that a merge which it knows of is in them. */
export interface SyncFacts {
  mode: SyncMode
  policy: OverlapPolicy
  isPaused: boolean
  /** A person asked for this look: a paused link pulls then. */
  isByHand: boolean
  /** What holds the link until a person asks for another try, and whether pulls are held too. */
  held: { code: string; blocks: 'push' | 'all' } | null
  isArchived: boolean
  openConflicts: number
  openSecrets: number
  /** Our head. */
  head: Oid | null
  /** The head of the tracked branch that was merged or pushed last. A person's try after `branch-deleted` forgets it. */
  merged: Oid | null
  tracked: TrackedBranch
  rolling: RollingBranch
  /** The newest of the link's; one that was merged or closed is forgotten when the next is opened, a closed one also by a person's try. */
  pullRequest: PullRequestFacts | null
  /** Null: GitHub did not say, as of an empty repository. */
  defaultBranch: string | null
  /** Whether a branch of the default branch's name is there. */
  hasDefaultBranch: boolean
  refusal: Refusal | null
  /** What GitHub's API says about the tracked branch; advice. Null: not asked. */
  needsPullRequest: boolean | null
  nowMs: number
  /** The next push to this repository is not before. */
  pushNotBeforeMs: number
}
