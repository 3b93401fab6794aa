// One item of the review in words: where it is, what each side did, what was decided. Made from what the sides hold, so that
// every case of a file has its words. Pure.

import type { Conflict, ConflictChoice, ConflictSide, GithubStatus, SyncOperation } from '@skein/protocol'
import { pathToName } from '../files/tree-model.ts'
import { countOf, shortOid } from '../sync/sync-words.ts'
import { toLines } from './diff-marks.ts'

export type SideName = 'base' | 'ours' | 'theirs'

const isEmpty = (side: ConflictSide | null): boolean => side === null || side.text === ''

/** "Line 18", "Lines 18 to 20", or that its place is gone. */
export function placeOf({ kind, line, present, ours, state }: Conflict): string {
  if (kind === 'file') return 'The file'
  // Of what is decided nobody follows the place any more.
  if (line === null) return state === 'open' ? 'A line whose place is gone' : 'A line'
  const lines = toLines(present ?? ours?.text ?? '').length
  return lines > 1 ? `Lines ${line} to ${line + lines - 1}` : `Line ${line}`
}

const modeNames: Record<string, string> = {
  '100644': 'a plain file',
  '100755': 'an executable',
  '120000': 'a symbolic link',
  '160000': 'a submodule',
}

/** What a side did to the file, as "renamed to …", for one side of a file-level item. */
export function deedOf(base: ConflictSide | null, side: ConflictSide | null): string {
  if (side === null) return base === null ? 'not there' : 'deleted'
  if (base === null) return 'added'
  const deeds: string[] = []
  if (side.path !== null && side.path !== base.path) deeds.push(`renamed to ${side.path}`)
  if (side.mode !== null && base.mode !== null && side.mode !== base.mode) {
    deeds.push(`made ${modeNames[side.mode] ?? `mode ${side.mode}`}`)
  }
  if (side.oid !== base.oid || side.text !== base.text) deeds.push('edited')
  return deeds.length > 0 ? deeds.join(' and ') : 'unchanged'
}

/** Files that no longer fit where GitHub has them. */
const placeCases: Record<string, string> = {
  'path-taken': 'another file here has its place, GitHub’s lies beside it',
  'path-twin': 'another file here differs only in upper and lower case, GitHub’s lies beside it',
  'path-folder': 'a folder here has its name, GitHub’s lies beside it',
}

/** What happened on both sides, after the place. */
export function whatHappened({ kind, what, base, ours, theirs }: Conflict): string {
  const place = placeCases[what]
  if (place) return place
  if (kind === 'lines') {
    if (what === 'late') return 'typed here while a change from GitHub came'
    if (isEmpty(ours)) return 'deleted here, edited on GitHub'
    if (isEmpty(theirs)) return 'edited here, deleted on GitHub'
    return isEmpty(base) ? 'written twice' : 'changed twice'
  }
  const [here, there] = [deedOf(base, ours), deedOf(base, theirs)]
  return here === there ? `${here} here and on GitHub` : `${here} here, ${there} on GitHub`
}

/** The words of the button that closes it. */
export function doneLabel(conflict: Conflict): string {
  if (conflict.kind === 'file') return 'Done with this file'
  return placeOf(conflict).startsWith('Lines') ? 'Done with these lines' : 'Done with this line'
}

const bytesToWords = (bytes: number): string =>
  bytes < 1_000
    ? countOf(bytes, 'byte')
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`

/** What is known of a side of a file. */
export function factsOfSide(side: ConflictSide): [string, string][] {
  const kind = side.mode === null ? null : (modeNames[side.mode]?.replace(/^an? /, '') ?? side.mode)
  const facts: [string, string | null][] = [
    ['Path', side.path],
    ['Kind', kind],
    ['Size', side.bytes === null ? null : bytesToWords(side.bytes)],
    ['Object', side.oid === null ? null : shortOid(side.oid)],
  ]
  return facts.flatMap(([term, value]) => (value === null ? [] : [[term, value]]))
}

/** Whether the file holds a version now, as far as the page can tell; a line break at the end makes no other version. */
export function isInFile({ kind, present, ...sides }: Conflict, side: 'ours' | 'theirs'): boolean {
  if (kind !== 'lines' || present === null) return false
  return toLines(present).join('\n') === toLines(sides[side]?.text ?? '').join('\n')
}

/** Which versions can be used: a file has both only when both sides have one. */
export function canUse({ kind, ours, theirs }: Conflict, choice: 'ours' | 'theirs' | 'both'): boolean {
  return choice !== 'both' || kind === 'lines' || (ours !== null && theirs !== null)
}

const standing: Record<ConflictChoice, string> = {
  ours: 'the version from here stands',
  theirs: 'GitHub’s version stands',
  both: 'both versions stand',
  current: 'the file stands as it is',
}

/** What is decided, by whom. */
export function decisionToWords({ resolvedBy, choice, kind }: Conflict, ownId: string): string {
  const who = resolvedBy === null ? 'A rule of this project' : resolvedBy.id === ownId ? 'You' : resolvedBy.name
  return `${who} decided ${kind === 'file' ? 'this file' : 'this line'}: ${standing[choice ?? 'current']}.`
}

/** What one has just decided, said when the next item is shown already. */
export const ownDecisionToWords = ({ path, choice }: Conflict): string =>
  `Decided in ${pathToName(path)}: ${standing[choice ?? 'current']}`

/** Which version stands in the file while nobody is done with it; null when it was edited, or cannot be told. */
export function standingInFile(conflict: Conflict): string | null {
  const { ours, theirs, present, state } = conflict
  if (state !== 'open') return null
  if (isInFile(conflict, 'ours')) return 'The version from here stands in the file.'
  if (isInFile(conflict, 'theirs')) return 'GitHub’s version stands in the file.'
  const lines = [ours, theirs].flatMap((side) => toLines(side?.text ?? ''))
  return conflict.kind === 'lines' && present !== null && toLines(present).join('\n') === lines.join('\n')
    ? 'Both versions stand in the file.'
    : null
}

/** What goes on when nothing is left to review. */
export function endToWords(github: GithubStatus | undefined): string {
  const kept = 'Every version stays in the history, whatever was chosen.'
  if (github?.state === 'paused') return `Sync is paused; pushing goes on when somebody goes on with it. ${kept}`
  if (github?.state === 'held' && github.openConflicts === 0 && github.reason) return `${github.reason.message} ${kept}`
  return `Pushing goes on by itself. ${kept}`
}

/** The operation that brought an item: the pull that was under way when it was found. */
export function pullOf({ createdAt }: Conflict, operations: readonly SyncOperation[]): SyncOperation | undefined {
  const at = Date.parse(createdAt)
  return operations.find(
    ({ direction, startedAt, finishedAt }) =>
      direction === 'pull' && Date.parse(startedAt) <= at && (finishedAt === null || at <= Date.parse(finishedAt)),
  )
}

/** The item after (1) or before (-1) another one, around the end; null when there is no other. */
export function neighbourOf(ids: readonly string[], id: string | null, by: 1 | -1): string | null {
  const at = id === null ? -1 : ids.indexOf(id)
  if (at < 0) return (by === 1 ? ids[0] : ids.at(-1)) ?? null
  const next = ids[(at + by + ids.length) % ids.length] ?? null
  return next === id ? null : next
}
