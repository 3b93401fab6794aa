/**
 * A worker that can be killed between any two things that it does. Everything it reaches (database, Git, GitHub, live documents) goes through a
 * `Life`: when that ends, the call at hand fails before or after it took effect, as a kill would have it, and nothing that the worker still tries does anything.
 */

export class Killed extends Error {
  override readonly name = 'Killed'
}

export type Moment = 'before' | 'after'

export class Life {
  #callsLeft = Number.POSITIVE_INFINITY
  #moment: Moment = 'before'
  #isOver = false
  /** Calls by name, to know what a run has been through. */
  readonly calls = new Map<string, number>()
  /** Where it ended: the call, and on which side of it. */
  endedAt: string | null = null

  /** Ends it at the `calls`-th call from now, from 1. */
  endAfter(calls: number, moment: Moment): void {
    this.#callsLeft = calls
    this.#moment = moment
  }

  end(): void {
    this.#isOver = true
  }

  /** The same object, whose methods are calls of this life. What is not a function is handed through. */
  lend<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const value = Reflect.get(object, key, object) as unknown
        if (typeof value !== 'function' || typeof key !== 'string') return value
        return (...args: unknown[]) => this.#call(`${name}.${key}`, () => Reflect.apply(value, object, args))
      },
    })
  }

  #call(name: string, work: () => unknown): unknown {
    if (this.#isOver) throw new Killed(name)
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1)
    const isLast = --this.#callsLeft <= 0
    if (isLast && this.#moment === 'before') this.#endAt(`before ${name}`)
    const result = work()
    if (!(result instanceof Promise)) return result
    return result.then((value) => {
      if (isLast) this.#endAt(`after ${name}`)
      if (this.#isOver) throw new Killed(name)
      return value
    })
  }

  #endAt(where: string): never {
    this.#isOver = true
    this.endedAt = where
    throw new Killed(where)
  }
}
