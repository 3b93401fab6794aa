/**
 * What a pull is asked for and how it ends. Bringing a remote head into the live documents: fetch, three-way for each file, tree changes, one
 * commit.
 */
import type { githubLinkQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { Reason } from '../github/describe-failure.ts'
import type { GithubFailure } from '../github/github-host.ts'

/**
 * `forward`: the remote goes on from our head. `merge`: both have gone on. `rewritten`: the remote left what it had (force-push). `restarted`: our
 * pull request was squashed or rebased there. `unrelated`: nothing in common. `first`: we have no commit yet.
 */
export type PullKind = 'forward' | 'merge' | 'rewritten' | 'restarted' | 'unrelated' | 'first'

export interface PullRequest {
  link: githubLinkQueries.GithubLinkRow
  /** Its name on GitHub now. */
  fullName: string
  branch: string
  /** The remote head to bring in. */
  theirs: Oid
  /** Of a squashed or rebased pull request: our commit that it was made from, whose texts are the base. */
  mergedHead: Oid | null
  operation: string
}

export type PullOutcome =
  | {
      state: 'merged'
      kind: PullKind
      /** Our head now; `theirs` itself when nothing of ours was left to say. */
      head: Oid
      commits: number
      files: number
      insertions: number
      deletions: number
      conflicts: number
    }
  /** Passes by itself or needs somebody, as the failure says. */
  | { state: 'failed'; failure: GithubFailure }
  /** It cannot be brought in as it is (damaged, too large); nothing was changed here. */
  | { state: 'refused'; reason: Reason }
  /** Somebody else is making a commit of the project: again in a second. */
  | { state: 'busy' }
