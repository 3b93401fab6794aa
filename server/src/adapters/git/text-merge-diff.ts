/** Reads what `git diff --no-index` says of files whose lines are numbers: of each, which lines are context, gone and new. */
import type { LineHunk } from './text-merge-regions.ts'

/** Names of files have no slash and no space. */
const fileLine = /^diff --git .*\/([^/ ]+)$/
/** `@@ -3,2 +3,5 @@`: a count of 1 is left out, and with a count of 0 the line before is named. */
const hunkLine = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

export class DiffParser {
  readonly #hunksByFile = new Map<string, LineHunk[]>()
  #file = ''
  // The lines between a file's first line and its first hunk begin as changes do.
  #isInHunk = false
  #at = 0
  #sideAt = 0
  #open: LineHunk | null = null

  hunksOf(file: string): LineHunk[] {
    return this.#hunksByFile.get(file) ?? []
  }

  push(line: string): void {
    switch (line[0]) {
      case 'd':
        this.#file = fileLine.exec(line)?.[1] ?? ''
        this.#hunksByFile.set(this.#file, [])
        this.#isInHunk = false
        break
      case '@':
        this.#begin(line)
        break
      case ' ':
        this.#at += 1
        this.#sideAt += 1
        this.#open = null
        break
      case '-':
        if (this.#isInHunk) this.#change().to = ++this.#at
        break
      case '+':
        if (this.#isInHunk) this.#change().sideTo = ++this.#sideAt
        break
    }
  }

  #begin(line: string): void {
    const [, start, count, sideStart, sideCount] = hunkLine.exec(line) ?? []
    this.#at = Number(start) - (count === '0' ? 0 : 1)
    this.#sideAt = Number(sideStart) - (sideCount === '0' ? 0 : 1)
    this.#isInHunk = true
    this.#open = null
  }

  #change(): LineHunk {
    if (this.#open) return this.#open
    this.#open = { from: this.#at, to: this.#at, sideFrom: this.#sideAt, sideTo: this.#sideAt }
    this.#hunksByFile.get(this.#file)?.push(this.#open)
    return this.#open
  }
}
