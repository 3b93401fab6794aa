/**
 * What both ports to GitHub (github-remote.ts, github-api.ts) speak of: places, answers, why GitHub did not do it, and how a push ends. A place names
 * the installation and the repository by number, because names change. What GitHub may well answer is a value; only our own faults throw.
 */
import type { Oid } from '@skein/protocol'

export interface GithubPlace {
  installationId: number
  repositoryId: number
}

export interface GithubRepository {
  fullName: string
  htmlUrl: string
  defaultBranch: string
  archived: boolean
  isPrivate: boolean
  /** Calls of the API that are left in this hour; null when GitHub did not say. */
  quotaLeft: number | null
}

/**
 * Why GitHub did not do it. The first three pass by themselves, and so do a new name once it is read, and what was declined once what is asked for
 * has changed; the others need somebody.
 */
export type GithubFailure =
  | { kind: 'unreachable'; detail: string }
  | { kind: 'rate-limited'; until: Date }
  /** GitHub does not believe the App or its token. */
  | { kind: 'unauthorized' }
  | { kind: 'suspended' }
  | { kind: 'installation-gone' }
  | { kind: 'not-found' }
  /** It has another name now; its number says which. */
  | { kind: 'renamed' }
  | { kind: 'archived' }
  | { kind: 'forbidden'; detail: string }
  /** It understood, and will not do this as it was asked: what is asked about has changed meanwhile. `detail` is what GitHub said. */
  | { kind: 'declined'; detail: string }

export type GithubAnswer<T> = { ok: true; value: T } | { ok: false; failure: GithubFailure }

/** How GitHub took a push. */
export type PushAnswer =
  | { outcome: 'pushed' }
  /** The branch was not where it was expected; nothing has changed. */
  | { outcome: 'moved' }
  /** A rule of the repository or a limit of GitHub; `reason` is what GitHub said. */
  | { outcome: 'refused'; rule: RefusalRule; reason: string }
  | { outcome: 'failed'; failure: GithubFailure }

export type RefusalRule = 'protected-branch' | 'repository-rules' | 'workflows-permission' | 'file-too-large' | 'other'

export interface PushRequest {
  /** A bare repository on disk that holds `to` and all that it reaches. */
  directory: string
  fullName: string
  branch: string
  /** Where the branch is expected to stand; null: it must not be there. An ancestor of `to`, so that nothing is ever forced. */
  from: Oid | null
  to: Oid
}
