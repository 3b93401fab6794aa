// When a socket that the server closes over what was sent on it is given up. A first time may pass: after a reconnect the
// same edits go in another frame, with a larger limit. Without an end everything else in the project would wait for ever
// behind an edit that is never taken. Pure.

import { CLOSE } from '@skein/protocol'

/** Why the server closed the socket over what was sent on it. */
export type Refusal = 'too-large' | 'rejected'

/** Closes in a row for the same reason, with nothing acknowledged in between, that are final. */
const finalAfter: Record<Refusal, number> = { 'too-large': 2, rejected: 3 }

const refusalOf = (code: number): Refusal | null =>
  code === CLOSE.tooLarge ? 'too-large' : code === CLOSE.policy ? 'rejected' : null

export class Refusals {
  private readonly counts: Record<Refusal, number> = { 'too-large': 0, rejected: 0 }

  /** The socket was closed with this code; answers the refusal when another try is of no use. */
  closed(code: number): Refusal | null {
    const refusal = refusalOf(code)
    if (refusal === null) return null
    this.counts[refusal] += 1
    return this.counts[refusal] >= finalAfter[refusal] ? refusal : null
  }

  /** Everything that was sent is acknowledged. */
  accepted(): void {
    this.counts['too-large'] = 0
    this.counts.rejected = 0
  }
}
