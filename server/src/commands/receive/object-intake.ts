/** Port: takes a pack that somebody sends into a folder, with Git's own checks. */
import type { Writable } from 'node:stream'

export interface Intake {
  /** A bare repository that may borrow objects; the pack is left in it, complete by itself. */
  directory: string
  /** Writes the pack and ends the stream, also when nobody reads it any more; what it rejects with is rejected with. */
  send: (pack: Writable) => Promise<void>
  bytesMax: number
  signal: AbortSignal
}

/** Null when it was taken in; otherwise why not, as a sentence. Rejects when `signal` is aborted. */
export type ObjectIntake = (intake: Intake) => Promise<string | null>
