/**
 * Whole documents on their way to one socket. Twenty bytes ask for one, and whoever asks need not read: so they are made one after the
 * other, when those before have left, and of an address that asks again only the newest question is answered (GT6).
 */

export interface Asker {
  /** Makes the answer and sends it once it may leave; `done` is called, later, when it has left. Returns its bytes; 0: there is none. */
  answer(done: () => void): number
}

/** As long as so much is on its way no further answer is made: a file at its limit may stand beside many small ones. */
const UNDER_WAY_BYTES_MAX = 8 * 1024 * 1024

export class AnswerLine {
  readonly #waiting = new Set<Asker>()
  readonly #underWay = new Set<Asker>()
  #bytes = 0

  /** At once when there is room and none of the asker is on its way. */
  ask(asker: Asker): void {
    this.#waiting.add(asker)
    this.#advance()
  }

  #advance(): void {
    for (const asker of this.#waiting) {
      if (this.#bytes >= UNDER_WAY_BYTES_MAX) return
      if (this.#underWay.has(asker)) continue
      this.#waiting.delete(asker)
      const bytes = asker.answer(() => {
        this.#underWay.delete(asker)
        this.#bytes -= bytes
        this.#advance()
      })
      if (bytes > 0) this.#underWay.add(asker)
      this.#bytes += bytes
    }
  }
}
