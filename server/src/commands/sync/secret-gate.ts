/**
 * Port: whether commits may leave for a remote (SN9). Asked before every push, with the commits that the remote does not have; what was found
 * before and not released holds them too.
 */
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { Reason } from '../github/describe-failure.ts'

/** The commits that `to` reaches and none of `known` does. */
export interface PushRange {
  to: Oid
  /** What the remote has of it; may name commits that are not in the project's repository. */
  known: readonly Oid[]
}

export interface SecretGate {
  /** @returns null when the push may go; else why it is held, in words for people */
  check(project: ProjectKey, range: PushRange, signal: AbortSignal): Promise<Reason | null>
}
