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
  // Arrays, because every idle socket has them: the addresses of a socket are few.
  readonly #waiting: Asker[] = []
  readonly #underWay: Asker[] = []
  #bytes = 0

  /** At once when there is room and none of the asker is on its way. */
  ask(asker: Asker): void {
    if (!this.#waiting.includes(asker)) this.#waiting.push(asker)
    this.#advance()
  }

  #advance(): void {
    while (this.#bytes < UNDER_WAY_BYTES_MAX) {
      const n = this.#waiting.findIndex((asker) => !this.#underWay.includes(asker))
      const [asker] = n < 0 ? [] : this.#waiting.splice(n, 1)
      if (!asker) return
      const bytes = asker.answer(() => {
        const at = this.#underWay.indexOf(asker)
        if (at >= 0) this.#underWay.splice(at, 1)
        this.#bytes -= bytes
        this.#advance()
      })
      if (bytes > 0) this.#underWay.push(asker)
      this.#bytes += bytes
    }
  }
}
