/**
 * The three-way merge of texts with Git's own diff. Git tells the hunks from base to ours and to theirs in one run, and `joinHunks` puts them together
 * by the rule of `git merge-file`: the file that `merge-file` writes does not say where in ours its conflicts lie. Thousands of random merges
 * in the tests come out as those of `git merge-file`, byte for byte. Starting Git costs more than what it does here, and holds up everything
 * else in the process: texts that wait for their turn go together into the next run.
 */
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import path from 'node:path'
import type { MergedText, TextConflict, TextMerge } from '../../commands/conflicts/text-merge.ts'
import { GitError, GitProgram } from './git-program.ts'
import { DiffParser } from './text-merge-diff.ts'
import { LineNumbers, type NumberedText, writeNumbers } from './text-merge-lines.ts'
import { joinHunks, type LineHunk, type LineRange, type Region } from './text-merge-regions.ts'

export interface GitTextMergeOptions {
  /** PATH of the server's own environment. */
  searchPath: string
  /** Where texts lie while they are compared; each run has a folder of its own in it, which is removed. */
  directory: string
}

/** Runs of Git at a time. */
const runsMax = 2
/** Merges that go into one run, and the lines of theirs after which no more are added: a large text does not keep many small ones waiting. */
const mergesPerRun = 32
const linesPerRun = 200_000

// The diff of `merge-file`: without the heuristics that make a diff nice to read. A line of context keeps Git from leaving out the common end before
// it compares, which would move hunks.
const diffArguments = ['diff', '--no-index', '--no-renames', '--text', '--no-color', '--no-ext-diff', '--no-textconv']
const diffRules = ['--diff-algorithm=myers', '--no-indent-heuristic', '--unified=1', '--inter-hunk-context=0']

type Hunks = { ours: LineHunk[]; theirs: LineHunk[] }

/** A merge that waits for Git. */
interface Comparison {
  texts: Texts<NumberedText>
  resolve: (hunks: Hunks) => void
  reject: (error: unknown) => void
}

export class GitTextMerge implements TextMerge {
  readonly #git: GitProgram
  readonly #directory: string
  #running = 0
  readonly #waiting: Comparison[] = []

  constructor({ searchPath, directory }: GitTextMergeOptions) {
    this.#git = new GitProgram(searchPath)
    this.#directory = directory
  }

  /** @throws GitError when Git cannot be run */
  async merge(base: string, ours: string, theirs: string): Promise<MergedText> {
    if (theirs === base || theirs === ours) return { text: ours, conflicts: [] }
    if (ours === base) return { text: theirs, conflicts: [] }
    const numbers = new LineNumbers()
    const texts = { base: numbers.read(base), ours: numbers.read(ours), theirs: numbers.read(theirs) }
    const hunks = await new Promise<Hunks>((resolve, reject) => {
      this.#waiting.push({ texts, resolve, reject })
      this.#runWaiting()
    })
    const isSame = (left: LineRange, right: LineRange) => areSame(texts.ours, left, texts.theirs, right)
    return writeMerged({ base, ours, theirs }, texts, joinHunks(hunks.ours, hunks.theirs, isSame))
  }

  #runWaiting(): void {
    while (this.#running < runsMax && this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting)
      this.#running += 1
      void this.#run(batch)
    }
  }

  async #run(batch: readonly Comparison[]): Promise<void> {
    try {
      const parser = await this.#compare(batch)
      for (const [n, { resolve }] of batch.entries()) {
        resolve({ ours: parser.hunksOf(`${n}-ours`), theirs: parser.hunksOf(`${n}-theirs`) })
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running -= 1
      this.#runWaiting()
    }
  }

  async #compare(batch: readonly Comparison[]): Promise<DiffParser> {
    await mkdir(this.#directory, { recursive: true })
    const directory = await mkdtemp(path.join(this.#directory, 'merge-'))
    try {
      await Promise.all(['a', 'b'].map((side) => mkdir(path.join(directory, side))))
      const write = (file: string, text: NumberedText) => writeText(path.join(directory, file), text)
      for (const [n, { texts }] of batch.entries()) {
        await Promise.all([
          write(`a/${n}-ours`, texts.base),
          write(`a/${n}-theirs`, texts.base),
          write(`b/${n}-ours`, texts.ours),
          write(`b/${n}-theirs`, texts.theirs),
        ])
      }
      return await this.#readHunks(directory)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  async #readHunks(directory: string): Promise<DiffParser> {
    const started = this.#git.start({
      args: [...diffArguments, ...diffRules, 'a', 'b'],
      directory,
      // A repository above the folder has settings that are none of ours.
      environment: { GIT_CEILING_DIRECTORIES: path.dirname(directory) },
    })
    started.process.stdin.end()
    const parser = new DiffParser()
    let rest = ''
    try {
      for await (const chunk of started.process.stdout.setEncoding('latin1') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) parser.push(line)
      }
      const exitCode = await started.ended
      // 1: they differ, and they do.
      if (exitCode !== 1) throw new GitError(`git diff failed (${exitCode}): ${started.complaint()}`, exitCode)
    } finally {
      started.kill()
    }
    return parser
  }
}

/** Takes those that go together from the front; one at least. */
function takeBatch(waiting: Comparison[]): Comparison[] {
  let count = 0
  let lines = 0
  while (count < mergesPerRun && count < waiting.length && lines < linesPerRun) {
    lines += waiting[count]?.texts.theirs.lines.length ?? 0
    count += 1
  }
  return waiting.splice(0, count)
}

type Texts<T> = { base: T; ours: T; theirs: T }

async function writeText(file: string, text: NumberedText): Promise<void> {
  const handle = await open(file, 'w')
  try {
    for (const piece of writeNumbers(text)) await handle.write(piece)
  } finally {
    await handle.close()
  }
}

/** Ours with what theirs alone changed; what both changed differently stays ours and is told. */
function writeMerged(texts: Texts<string>, numbered: Texts<NumberedText>, regions: readonly Region[]): MergedText {
  const slice = (side: keyof Texts<string>, range: LineRange): string => {
    const { starts } = numbered[side]
    return texts[side].slice(starts[range.from], starts[range.to])
  }
  const conflicts: TextConflict[] = []
  let text = ''
  // Lines of ours that are in it already.
  let written = 0
  for (const region of regions) {
    switch (region.by) {
      case 'theirs':
        text += slice('ours', { from: written, to: region.ours.from }) + slice('theirs', region.theirs)
        written = region.ours.to
        break
      case 'conflict': {
        const range = trimSame(numbered, region)
        const conflict = {
          base: slice('base', region.base),
          ours: slice('ours', range.ours),
          theirs: slice('theirs', range.theirs),
        }
        const from = numbered.ours.starts[range.ours.from] ?? 0
        text += slice('ours', { from: written, to: range.ours.from })
        conflicts.push({ from, to: from + conflict.ours.length, at: text.length, ...conflict })
        written = range.ours.from
        break
      }
      case 'ours':
      case 'same':
        break
    }
  }
  return { text: text + texts.ours.slice(numbered.ours.starts[written]), conflicts }
}

/** Lines at either end of a conflict that are the same on both sides are nobody's question. */
function trimSame({ ours, theirs }: Texts<NumberedText>, region: Region): { ours: LineRange; theirs: LineRange } {
  const [left, right] = [{ ...region.ours }, { ...region.theirs }]
  const isFilled = () => left.from < left.to && right.from < right.to
  while (isFilled() && ours.lines[left.from] === theirs.lines[right.from]) {
    left.from += 1
    right.from += 1
  }
  while (isFilled() && ours.lines[left.to - 1] === theirs.lines[right.to - 1]) {
    left.to -= 1
    right.to -= 1
  }
  return { ours: left, theirs: right }
}

function areSame(left: NumberedText, leftRange: LineRange, right: NumberedText, rightRange: LineRange): boolean {
  const count = leftRange.to - leftRange.from
  if (count !== rightRange.to - rightRange.from) return false
  for (let i = 0; i < count; i++) {
    if (left.lines[leftRange.from + i] !== right.lines[rightRange.from + i]) return false
  }
  return true
}
