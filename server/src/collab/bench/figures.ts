/** Figures of a benchmark: medians over its rounds, rows of the table that stands in the README, and goals. */
import { parseArgs } from 'node:util'

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const ms = (value: number): string => `${value.toFixed(2)} ms`

/** What is measured beside each other, in the order of the table. */
export const KINDS = ['skein', 'relay', 'y-websocket', 'hocuspocus', 'hocuspocus-pg'] as const
export type Kind = (typeof KINDS)[number]

const { values: options } = parseArgs({
  strict: false,
  options: { rounds: { type: 'string' }, quick: { type: 'boolean' } },
})

/** Whether to measure shortly: to see that it runs, not what it says. */
export const isQuick = options.quick === true
export const rounds = Number(options.rounds ?? (isQuick ? 1 : 3))

/** What was measured of one thing: a value for each round of each kind. */
export class Measure {
  readonly #what: string
  readonly #digits: number
  readonly #values = new Map<Kind, number[]>()

  /** `what` begins a row of the table: the scenario, a bar, and what is measured with its unit. */
  constructor(what: string, digits = 1) {
    this.#what = what
    this.#digits = digits
  }

  add(kind: Kind, value: number): void {
    this.#values.set(kind, [...(this.#values.get(kind) ?? []), value])
  }

  of(kind: Kind): number {
    return median(this.#values.get(kind) ?? [])
  }

  /** Prints the row; a dash where a kind cannot do it. */
  print(): void {
    const cells = KINDS.map((kind) => (this.#values.has(kind) ? this.of(kind).toFixed(this.#digits) : '–'))
    process.stdout.write(`| ${this.#what} | ${cells.join(' | ')} |\n`)
  }
}

/** Prints one goal: met when the value is at most (or at least) the bound. */
export const reportGoal = (
  what: string,
  value: number,
  bound: number,
  kind: 'at most' | 'at least' = 'at most',
): void => {
  const isMet = kind === 'at most' ? value <= bound : value >= bound
  const digits = Math.abs(bound) < 0.1 ? 4 : 2
  process.stdout.write(
    `  goal ${isMet ? 'met   ' : 'missed'}  ${what}: ${value.toFixed(digits)} (${kind} ${bound.toFixed(digits)})\n`,
  )
}
