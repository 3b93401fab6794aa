/**
 * Work of which each person does one piece at a time: what they ask for meanwhile waits in a line of their own, so that nobody who asks for much
 * keeps the others from what all of them share.
 */
import { Refusal } from '@skein/protocol'

/** Requests of one person that wait: a page asks once, a program perhaps for a few things at a time. */
export const OWN_WAITING_MAX = 8

export class OwnTurns {
  /** Who waits, by person; a person without a line has nothing at work. */
  readonly #lines = new Map<string, (() => void)[]>()

  /**
   * Does the work when nothing else of that person is at work. Rejects with the signal's reason when it is aborted first, with a Refusal
   * `unavailable` when too much of theirs waits.
   */
  async take<Result>(userId: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#begin(userId, signal)
    try {
      return await work()
    } finally {
      const next = this.#lines.get(userId)?.shift()
      if (next) next()
      else this.#lines.delete(userId)
    }
  }

  async #begin(userId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const line = this.#lines.get(userId)
    if (!line) {
      this.#lines.set(userId, [])
      return
    }
    if (line.length >= OWN_WAITING_MAX) throw tooMany()
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        line.splice(line.indexOf(turn), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      line.push(turn)
    })
  }
}

const tooMany = (): Refusal =>
  new Refusal('unavailable', 'Too many requests of yours like this one wait already.', {
    hint: 'Wait for their answers, then try again.',
  })
