/**
 * Port: a repository at GitHub over Git's own protocol, with a token that reaches that one repository. None of it is counted by the limits of
 * GitHub's API. What GitHub may well answer is a value; only our own faults throw, and every call rejects when `signal` is aborted.
 */
import type { Oid } from '@skein/protocol'
import type { GithubAnswer, GithubFailure, GithubPlace, PushAnswer, PushRequest } from './github-host.ts'

export interface RemoteRefs {
  /** What HEAD names; null: GitHub did not say, as of an empty repository. */
  defaultBranch: string | null
  branches: ReadonlyMap<string, Oid>
}

export interface FetchRequest {
  /**
   * A bare repository on disk that is only for this fetch. It may borrow objects (`objects/info/alternates`), and its refs are what the remote
   * is told that we have. What is fetched is left there as packs, checked by `--fsck-objects`.
   */
  directory: string
  fullName: string
  /** The commit that is wanted, and the ref in `directory` that names it afterwards. */
  wanted: Oid
  ref: string
  bytesMax: number
}

export type FetchAnswer =
  | { outcome: 'fetched' }
  /** The remote does not have that commit any more. */
  | { outcome: 'gone' }
  /** What came is damaged, forbidden by Git's own checks, or above `bytesMax`; `reason` is a sentence. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'failed'; failure: GithubFailure }

export interface GithubRemote {
  readRefs(place: GithubPlace, fullName: string, signal: AbortSignal): Promise<GithubAnswer<RemoteRefs>>
  fetch(place: GithubPlace, request: FetchRequest, signal: AbortSignal): Promise<FetchAnswer>
  push(place: GithubPlace, request: PushRequest, signal: AbortSignal): Promise<PushAnswer>
}
