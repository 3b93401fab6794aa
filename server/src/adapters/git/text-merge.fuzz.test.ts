/**
 * Random merges against `git merge-file`. Clean: the same bytes. Conflict: written out with markers at the places that we tell, ours is what Git writes
 * with `--zdiff3` (base shown, common ends left out).
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { MergedText } from '../../commands/conflicts/text-merge.ts'
import { GitTextMerge } from './text-merge.ts'

const seed = Number(process.env.SEED ?? 20_261_120)
const trials = Number(process.env.TRIALS ?? 3000)
const directory = mkdtempSync(path.join(tmpdir(), 'skein-text-merge-fuzz-'))
const oracleDirectory = path.join(directory, 'oracle')
mkdirSync(oracleDirectory)
const searchPath = process.env.PATH ?? '/usr/bin:/bin'
const merger = new GitTextMerge({ searchPath, directory: path.join(directory, 'ours') })
afterAll(() => rmSync(directory, { recursive: true }))

const environment = { PATH: searchPath, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }
const markerSize = 30

interface Texts {
  base: string
  ours: string
  theirs: string
}

function askGit(texts: Texts, style: readonly string[]): { text: string; conflicts: number } {
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(oracleDirectory, name), text)
  const labels = ['-L', 'O', '-L', 'B', '-L', 'T']
  const args = ['merge-file', '-p', `--marker-size=${markerSize}`, ...style, ...labels, 'ours', 'base', 'theirs']
  const { status, stdout } = spawnSync('git', args, { cwd: oracleDirectory, env: environment, maxBuffer: 2 ** 26 })
  if (status === null || status > 127) throw new Error(`git merge-file failed with ${status}`)
  return { text: stdout.toString(), conflicts: status }
}

/** Our answer as Git would write it into the file. */
function writeMarkers({ text, conflicts }: MergedText): string {
  const marker = (sign: string, label = '') => `${sign.repeat(markerSize)}${label}\n`
  let written = ''
  let at = 0
  for (const conflict of conflicts) {
    written += text.slice(at, conflict.at) + marker('<', ' O') + conflict.ours + marker('|', ' B') + conflict.base
    written += marker('=') + conflict.theirs + marker('>', ' T')
    at = conflict.at + conflict.ours.length
  }
  return written + text.slice(at)
}

/** Small numbers from a seed (mulberry32). */
function makeRandom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

// Few different lines, so that hunks slide and lines repeat; and many, as in real texts.
function makeTexts(random: (below: number) => number): Texts {
  const alphabet = random(3) === 0 ? 3 : 40
  const line = () => ['', 'a', '  }', 'b\u2028', 'c\rd', '=======', 'é'][random(14)] ?? `line ${random(alphabet)}`
  const base = Array.from({ length: random(random(4) === 0 ? 60 : 12) }, line)
  const edit = (lines: string[]) => {
    const edited = [...lines]
    for (let edits = random(4); edits >= 0; edits--) {
      const added = Array.from({ length: random(3) }, line)
      edited.splice(random(edited.length + 1), random(3), ...added)
    }
    return edited
  }
  const shared = random(4) === 0 ? edit(base) : base
  const theirs = edit(shared)
  const ours = random(8) === 0 ? edit(theirs) : edit(shared)
  const end = random(3) === 0 ? '\r\n' : '\n'
  const write = (lines: string[]) => lines.join(end) + (lines.length > 0 && random(5) > 0 ? end : '')
  return { base: write(base), ours: write(ours), theirs: write(theirs) }
}

test(`GS5: ${trials} merges are those of git merge-file (seed ${seed})`, async () => {
  const random = makeRandom(seed)
  const seen = { clean: 0, conflicts: 0, several: 0, openEnds: 0 }
  for (let trial = 0; trial < trials; trial++) {
    const texts = makeTexts(random)
    const merged = await merger.merge(texts.base, texts.ours, texts.theirs)
    const note = `seed ${seed}, trial ${trial}: ${JSON.stringify(texts)}`
    const plain = askGit(texts, [])
    expect(merged.conflicts.length > 0, note).toBe(plain.conflicts > 0)
    if (plain.conflicts === 0) {
      expect(merged.text, note).toBe(plain.text)
      seen.clean++
      continue
    }
    checkPlaces(merged, texts, note)
    seen.conflicts++
    if (merged.conflicts.length > 1) seen.several++
    const last = merged.conflicts.at(-1)
    // Git ends the last line of a conflict where the text does not: then there is nothing to compare with.
    const isOpen = [last?.base, last?.ours, last?.theirs].some((side) => side && !side.endsWith('\n'))
    if (isOpen) seen.openEnds++
    else expect(tidyMarkers(askGit(texts, ['--zdiff3']).text), note).toBe(writeMarkers(merged))
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(trials / 50)
}, 600_000)

/** No line of ours is lost, and the places are true. */
function checkPlaces(merged: MergedText, { ours }: Texts, note: string): void {
  for (const { from, to, at, ...conflict } of merged.conflicts) {
    expect(ours.slice(from, to), note).toBe(conflict.ours)
    expect(merged.text.slice(at, at + conflict.ours.length), note).toBe(conflict.ours)
    expect(conflict.ours, note).not.toBe(conflict.theirs)
  }
}

/**
 * Git's markers end as the lines around them do; here as `\\n`. Where both sides came to the same in hunks that are not alike, `--zdiff3` still writes
 * a conflict, of two empty sides.
 */
function tidyMarkers(text: string): string {
  const [ours, base, equals, theirs] = ['<', '\\|', '=', '>'].map((sign) => `${sign}{${markerSize}}`)
  const marker = new RegExp(`^(${ours} O|${base} B|${equals}|${theirs} T)\\r\\n`, 'gm')
  const empty = new RegExp(`^${ours} O\\n${base} B\\n(?:(?!${equals}\\n)[^])*${equals}\\n${theirs} T\\n`, 'gm')
  return text.replace(marker, '$1\n').replace(empty, '')
}
