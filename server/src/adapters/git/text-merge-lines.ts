/**
 * Texts as rows of numbers, one for each different line. Git compares lines for equality and for nothing else, so that it makes the same of the numbers
 * as of the texts; but a number holds no line end, no NUL, no half of a character, and nothing that could be taken for a line of Git's own.
 */

export interface NumberedText {
  /** Where each line begins, in UTF-16 units; the last entry is the length of the text. */
  starts: Float64Array
  /** The number of each line. */
  lines: Uint32Array
}

/** Numbers the lines of texts that are to be compared with each other. A line ends with `\n`, or with the text. */
export class LineNumbers {
  readonly #numberByLine = new Map<string, number>()

  read(text: string): NumberedText {
    const starts: number[] = []
    const lines: number[] = []
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start)
      const end = newline < 0 ? text.length : newline + 1
      const line = text.slice(start, end)
      let number = this.#numberByLine.get(line)
      if (number === undefined) {
        number = this.#numberByLine.size
        this.#numberByLine.set(line, number)
      }
      starts.push(start)
      lines.push(number)
      start = end
    }
    starts.push(text.length)
    return { starts: Float64Array.from(starts), lines: Uint32Array.from(lines) }
  }
}

/** One line of digits for each line of the text, in pieces of some hundred kilobytes. */
export function* writeNumbers({ lines }: NumberedText): Generator<string> {
  const piece = 65_536
  for (let start = 0; start < lines.length; start += piece) {
    yield `${lines.subarray(start, start + piece).join('\n')}\n`
  }
}
