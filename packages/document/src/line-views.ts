/**
 * A text as it looks when blanks or signs do not count, line by line. Each view is made when it is first needed, and after an edit only the lines that
 * it touched are made anew: a hundred quotes in four megabytes must not mean a hundred times four megabytes.
 */

export interface Replaced {
  from: number
  to: number
  insert: string
}

/** Makes another line of a line; it never makes an end of a line. */
export type LineView = (line: string) => string

export class LineViews {
  #text: string
  readonly #views = new Map<LineView, string>()

  constructor(text: string) {
    this.#text = text
  }

  get text(): string {
    return this.#text
  }

  /** The text of the moment, seen through the view. */
  through(view: LineView): string {
    const known = this.#views.get(view) ?? seen(this.#text, view)
    this.#views.set(view, known)
    return known
  }

  /** Makes the edits in the text: ordered, apart. */
  replace(edits: readonly Replaced[]): void {
    const [first, last] = [edits[0], edits.at(-1)]
    if (!first || !last) return
    const before = this.#text
    const parts: string[] = []
    let end = 0
    for (const { from, to, insert } of edits) {
      parts.push(before.slice(end, from), insert)
      end = to
    }
    this.#text = parts.join('') + before.slice(end)
    if (this.#views.size === 0) return
    const start = lineStart(before, first.from)
    const line = countEnds(before, 0, start)
    const lines = countEnds(before, start, last.to) + 1
    const toEnd = before.length - endOfLine(before, last.to)
    const anew = this.#text.slice(start, this.#text.length - toEnd)
    for (const [view, text] of this.#views) {
      const from = startOfLine(text, line)
      const to = startOfLine(text, lines, from)
      // What follows the last of the lines begins with its end.
      this.#views.set(view, text.slice(0, from) + seen(anew, view) + (to > text.length ? '' : text.slice(to - 1)))
    }
  }
}

const seen = (text: string, view: LineView): string => text.split('\n').map(view).join('\n')

/** Where the line begins that is `lines` further than the one that begins at `from`; behind the text by one when there is none. */
export const startOfLine = (text: string, lines: number, from = 0): number => {
  let start = from
  for (let n = 0; n < lines; n++) {
    const end = text.indexOf('\n', start)
    if (end === -1) return text.length + 1
    start = end + 1
  }
  return start
}

/** Where the line of a position begins. */
export const lineStart = (text: string, at: number): number => (at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1)

/** Ends of lines within a range. */
export const countEnds = (text: string, from: number, to: number): number => {
  let ends = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) ends++
  return ends
}

/** Where the line of a position ends, without its end. */
export const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}
