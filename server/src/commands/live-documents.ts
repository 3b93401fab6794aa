/**
 * Port: the live texts, as every writer and reader but a browser uses them.
 * A revision always names a committed text. A write is made of hunks against a text that was read; those that still make sense are one
 * synchronous transaction under a client id of the writer's own, and durable when the promise resolves (DL4, AE6).
 */
import type { EditProblem, ListedEdit, ListedHunk, Match } from '@skein/document'
import type { ActorKey, DocumentId, ReviewReason, Revision } from '@skein/protocol'

export interface LiveText {
  revision: Revision
  /** With `\n` line ends; a file with mixed ends keeps its `\r`. */
  text: string
}

export interface WriteRequest {
  document: DocumentId
  /** One object for each run: Yjs knows the run by it. `run` names this work and no other, in the log too. */
  writer: { readonly actor: ActorKey; readonly run: string }
  /** The text that was read; null: whatever it is in the moment of the write. */
  read: Revision | null
  wanted: { text: string } | { edits: readonly ListedEdit[] }
  /** Ranges of the text that was read, to be told where they are in the text afterwards. */
  marks?: readonly { from: number; to: number }[]
  /** Made as a whole or not at all: where one hunk would go to review, nothing is written and it is `stale`. */
  isWhole?: boolean
  /** How long to wait for whoever is typing on the lines of a hunk. */
  waitMs: number
  /** Tells of edits by people who had not seen what this write makes, for so long, where they meet it. */
  late?: { forMs: number; tell(edits: readonly LateEdit[]): void }
  /** The same run was begun before, and may have written already. */
  isRetry: boolean
  /** Asked right before each transaction: rejects when the writer may not write any more. */
  checkRight(): Promise<unknown>
}

export interface HunkReport {
  hunk: ListedHunk
  /** Of the text that was read, from 1. */
  line: number
  result:
    | { outcome: 'applied' | 'rebased' | 'noop' }
    | {
        outcome: 'review'
        reason: ReviewReason
        baseText: string
        presentText: string
        others: readonly ActorKey[]
        /** Encoded relative positions. */
        anchorStart: Uint8Array
        anchorEnd: Uint8Array
      }
}

/** A range that goes with the text; encoded relative positions. */
export interface Anchors {
  anchorStart: Uint8Array
  anchorEnd: Uint8Array
}

/**
 * Where a range that was asked for is in the text afterwards: with what the write itself put at its edges, without what others did. `by`: who wrote
 * what stands there, as far as it is not Skein.
 */
export interface Mark extends Anchors {
  from: number
  to: number
  by: readonly ActorKey[]
}

/** Lines that a write had changed, when somebody edited them, or a line beside them, without having seen that. */
export interface LateEdit extends Anchors {
  /** Number of the place within the write; the same place may be told again, as it is then. */
  place: number
  /** Its lines before the write, after it, and now. */
  before: string
  after: string
  present: string
  by: readonly ActorKey[]
}

export type WriteOutcome =
  | {
      outcome: 'written'
      current: LiveText
      hunks: readonly HunkReport[]
      matches: readonly (Match | 'position')[]
      /** In the order of the request's; absent when it had none. */
      marks?: readonly Mark[]
    }
  /** What changed since that revision is not known any more, or too much of it: nothing was written. */
  | { outcome: 'stale'; current: LiveText }
  /** An edit has no place: nothing was written. */
  | { outcome: 'unplaced'; current: LiveText; problem: EditProblem }
  /** The text would become larger than a file may be: nothing was written. */
  | { outcome: 'too-large'; current: LiveText }

/** Whether the reader is likely to write into the texts: then what happens to them is followed from now on, so that nothing need be read from the log. */
export type ReadPurpose = 'edit' | 'look'

export interface LiveDocuments {
  /**
   * Never decodes a document when its text stands in memory or beside the state. Missing documents are absent from the answer. The default
   * purpose is `edit`; a revision is as good for a write whatever it was read for.
   */
  read(documents: readonly DocumentId[], purpose?: ReadPurpose): Promise<Map<DocumentId, LiveText>>
  /** @throws Refusal not-found, unavailable, and whatever `checkRight` refuses with */
  write(request: WriteRequest): Promise<WriteOutcome>
  /** Where anchored ranges stand in the text as it is now; null in the place of one that is not known any more, and for a document that is gone. */
  place(
    document: DocumentId,
    anchors: readonly Anchors[],
  ): Promise<{ current: LiveText; ranges: readonly ({ from: number; to: number } | null)[] } | null>
}
