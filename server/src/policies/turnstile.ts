/**
 * A line before something of which only so much may happen at once. Whoever comes when the line is full is told to come again: an answer
 * that is late for everybody is worth less than one that is refused to some.
 */
import { Refusal } from '@skein/protocol'

export class Turnstile {
  readonly #insideMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(insideMax: number, waitingMax: number) {
    this.#insideMax = insideMax
    this.#waitingMax = waitingMax
  }

  /** Does the work when it is its turn, in the order of coming. Throws Refusal unavailable when the line is full. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#insideMax) this.#inside++
    else if (this.#waiting.length < this.#waitingMax) await new Promise<void>((go) => this.#waiting.push(go))
    else {
      throw new Refusal('unavailable', 'Too many are asking for this at once. Nothing was changed.', {
        hint: 'Try again in a minute.',
      })
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#inside--
    }
  }
}
