/**
 * Questions to the database that come together are asked together: while one look is under way everything queues, and the next look takes all
 * of it. One who comes alone does not wait; after a restart five hundred who come at once cost a few statements.
 */

/** Of one look: some milliseconds of the database. */
const KEYS_MAX = 500

interface Question<Key, Answer> {
  key: Key
  resolve(answer: Answer): void
  reject(error: unknown): void
}

export class Gather<Key, Answer> {
  readonly #look: (keys: readonly Key[]) => Promise<readonly Answer[]>
  #waiting: Question<Key, Answer>[] = []
  #isLooking = false

  /** `look` answers each key, in order; when it rejects, so do all who asked. */
  constructor(look: (keys: readonly Key[]) => Promise<readonly Answer[]>) {
    this.#look = look
  }

  ask(key: Key): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#isLooking) return
      this.#isLooking = true
      // Whatever else this turn of the loop asks goes with it.
      setImmediate(() => void this.#lookOn())
    })
  }

  async #lookOn(): Promise<void> {
    while (this.#waiting.length > 0) {
      const questions = this.#waiting.splice(0, KEYS_MAX)
      try {
        const answers = await this.#look(questions.map(({ key }) => key))
        for (const [n, { resolve }] of questions.entries()) resolve(answers[n] as Answer)
      } catch (error) {
        for (const { reject } of questions) reject(error)
      }
    }
    this.#isLooking = false
  }
}
