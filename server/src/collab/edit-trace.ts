/**
 * Follows single edits through the node, for an operator who wants to know where one of them spent its time: with `LOG_LEVEL=debug` each
 * incoming edit gets an id, under which its steps are told: `frame`, `append`, `commit` with its row and batch, `acknowledged`; or `refused`.
 * With a higher level an edit has no id, and nothing here is computed.
 */
import { randomBytes } from 'node:crypto'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'

/** The id of an edit that is followed; null: nobody wants to know. */
export type EditId = string | null

export class EditTrace {
  readonly #log: Log
  /** Edits of several nodes stand in one log. */
  readonly #node = randomBytes(3).toString('hex')
  #edits = 0
  #batches = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** An edit came in. */
  begin(bytes: number): EditId {
    if (!this.#log.isLevelEnabled('debug')) return null
    const edit = `${this.#node}-${++this.#edits}`
    this.#tell(edit, 'frame', { bytes })
    return edit
  }

  /** It was applied and queued; `position` is the tail of the document then. */
  append(edit: EditId, document: DocumentId, position: number): void {
    this.#tell(edit, 'append', { document, position })
  }

  refuse(edit: EditId, document: DocumentId, reason: string): void {
    this.#tell(edit, 'refused', { document, reason })
  }

  /** A commit has ended; those that are told next were in it. */
  countBatch(): void {
    this.#batches++
  }

  /** It stands in that row. */
  commit(edit: EditId, document: DocumentId, seq: number): void {
    this.#tell(edit, 'commit', { document, seq, batch: this.#batches })
  }

  acknowledge(edit: EditId, document: DocumentId, ms: number): void {
    this.#tell(edit, 'acknowledged', { document, ms })
  }

  #tell(edit: EditId, step: string, facts: object): void {
    if (edit !== null) this.#log.debug({ edit, step, ...facts }, 'edit')
  }
}
