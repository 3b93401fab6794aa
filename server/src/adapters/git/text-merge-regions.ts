/**
 * Puts the hunks of two sides together, as `git merge-file` does: hunks of both that overlap or touch in the base are one region, and a conflict
 * unless they do the same. All numbers count lines.
 */

/** `from` and `to` in the base, `sideFrom` and `sideTo` in the side that replaced them. Hunks of one side have lines between them. */
export interface LineHunk {
  from: number
  to: number
  sideFrom: number
  sideTo: number
}

export interface LineRange {
  from: number
  to: number
}

export interface Region {
  /** Who changed it; `same`: both, alike. */
  by: 'ours' | 'theirs' | 'same' | 'conflict'
  base: LineRange
  ours: LineRange
  theirs: LineRange
}

/** The regions that somebody changed, in order; `isSame` compares lines of ours with lines of theirs. */
export function joinHunks(
  ours: readonly LineHunk[],
  theirs: readonly LineHunk[],
  isSame: (ours: LineRange, theirs: LineRange) => boolean,
): Region[] {
  const regions: Region[] = []
  const [left, right] = [new Side(ours), new Side(theirs)]
  while (left.next || right.next) {
    const from = Math.min(left.next?.from ?? Number.POSITIVE_INFINITY, right.next?.from ?? Number.POSITIVE_INFINITY)
    let to = from
    left.beginRegion()
    right.beginRegion()
    for (;;) {
      const taken = left.takeUpTo(to) ?? right.takeUpTo(to)
      if (!taken) break
      to = Math.max(to, taken.to)
    }
    const base = { from, to }
    const region = { base, ours: left.rangeOf(base), theirs: right.rangeOf(base) }
    const by = left.taken === 0 ? 'theirs' : right.taken === 0 ? 'ours' : null
    regions.push({ ...region, by: by ?? (isSame(region.ours, region.theirs) ? 'same' : 'conflict') })
  }
  return regions
}

/** The hunks of one side, taken in their order. */
class Side {
  /** Hunks taken since the region began. */
  taken = 0
  readonly #hunks: readonly LineHunk[]
  #index = 0
  // How much later a line of the base stands in this side: before the region, and after the hunks taken.
  #shiftBefore = 0
  #shift = 0

  constructor(hunks: readonly LineHunk[]) {
    this.#hunks = hunks
  }

  get next(): LineHunk | undefined {
    return this.#hunks[this.#index]
  }

  beginRegion(): void {
    this.taken = 0
    this.#shiftBefore = this.#shift
  }

  takeUpTo(to: number): LineHunk | null {
    const hunk = this.next
    if (!hunk || hunk.from > to) return null
    this.#index += 1
    this.taken += 1
    this.#shift = hunk.sideTo - hunk.to
    return hunk
  }

  rangeOf(base: LineRange): LineRange {
    return { from: base.from + this.#shiftBefore, to: base.to + this.#shift }
  }
}
