/**
 * Conflicts of lines become rows before the text is written: a pull that is killed in between finds them again and lists them once. A row has what
 * all three sides hold, who wrote ours, and anchors that go with the live text.
 */
import { conflictQueries, projectQueries, type Tx } from '@skein/db'
import { type DocumentId, personToActorKey, type UserId } from '@skein/protocol'
import type { Anchors, LiveText, Mark } from '../live-documents.ts'
import type { LiveMerge, MergeLiveDeps } from './live-merge.ts'
import { type CleanChange, type FoundConflict, matchConflicts, type TextRange } from './match-conflicts.ts'
import { tellConflicts } from './tell-conflicts.ts'

/** A live text, and the conflicts in it: those that wait, and those of this pull that were decided. */
export interface Seen {
  live: LiveText
  listed: { row: conflictQueries.ConflictRow; at: TextRange | null }[]
  held: readonly (TextRange | null)[]
}

/** Lines of context on either side, and what is kept of them. */
const CONTEXT_LINES = 3
const CONTEXT_MAX = 600

/** Reads the text and where its conflicts, and whatever else is `held`, stand in it, of one moment; null: the document is gone. */
export async function seeText(
  { db, documents }: MergeLiveDeps,
  merge: LiveMerge,
  held: readonly Anchors[] = [],
): Promise<Seen | null> {
  const { project, documentId, pullId } = merge
  const rows = await db.inWorkspace(
    project.workspaceId,
    (tx) => conflictQueries.listLinesIn(tx, project.projectId, { document: documentId, pullId }),
    { readOnly: true },
  )
  if (rows.length === 0 && held.length === 0) {
    const live = (await documents.read([documentId])).get(documentId)
    return live ? { live, listed: [], held: [] } : null
  }
  const anchored = rows.flatMap((row) => {
    const { anchorStart, anchorEnd } = row
    return anchorStart && anchorEnd ? [{ row, anchorStart, anchorEnd }] : []
  })
  const placed = await documents.place(documentId, [...anchored, ...held])
  if (!placed) return null
  const listed = anchored.map(({ row }, n) => ({ row, at: placed.ranges[n] ?? null }))
  return { live: placed.current, listed, held: placed.ranges.slice(anchored.length) }
}

/** Holds on to ranges of a text that was read, without changing anything; null when what happened since is not known any more. */
export async function holdRanges(
  { documents }: Pick<MergeLiveDeps, 'documents'>,
  document: DocumentId,
  writer: LiveMerge['writer'],
  { revision, text }: LiveText,
  ranges: readonly TextRange[],
): Promise<readonly Mark[] | null> {
  const held = await documents.write({
    document,
    writer,
    read: revision,
    wanted: { text },
    marks: ranges,
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  return held.outcome === 'written' ? (held.marks ?? []) : null
}

/**
 * Makes rows of the conflicts that were found in `seen`, and brings those of earlier pulls up to date. Gives the id of each; null for one that
 * a larger one holds. Null altogether when the text has to be read anew.
 */
export async function listLines(
  deps: MergeLiveDeps,
  merge: LiveMerge,
  seen: Seen,
  found: readonly FoundConflict[],
  changes: readonly CleanChange[],
): Promise<(string | null)[] | null> {
  if (found.length === 0 && changes.length === 0) return []
  const { project, documentId, writer, remote, path, policy } = merge
  const held = found.length > 0 ? await holdRanges(deps, documentId, writer, seen.live, found) : []
  if (!held) return null
  const listed = seen.listed.map(({ row: { id, base, ours, theirs, remoteOid, state }, at }) => {
    const texts = { base: base?.text ?? '', ours: ours?.text ?? '', theirs: theirs?.text ?? '' }
    return { id, ...texts, remoteOid, isOpen: state === 'open', at }
  })
  const { of, superseded, goneOn } = matchConflicts(found, listed, changes, {
    remote: remote.oid,
    givesUp: policy === 'theirs',
  })
  const rowsById = new Map(seen.listed.map(({ row }) => [row.id, row]))
  return deps.db.inWorkspace(project.workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, project.projectId)
    const ids: (string | null)[] = []
    for (const [n, conflict] of found.entries()) {
      const match = of[n] ?? null
      if (match?.isListed) ids.push(null)
      else {
        const content = toContent(merge, seen.live.text, conflict, held[n] ?? null)
        ids.push(await keepConflict(tx, merge, match?.id ?? null, content))
      }
    }
    for (const id of superseded) {
      await conflictQueries.resolveConflict(tx, project.projectId, id, { choice: 'current', by: null })
    }
    for (const [id, text] of goneOn) {
      const row = rowsById.get(id)
      if (row) await conflictQueries.changeConflict(tx, project.projectId, id, goOn(merge, row, text))
    }
    if (found.length + superseded.length + goneOn.size > 0) {
      await tellConflicts(deps.record, tx, project, { path, by: null })
    }
    return ids
  })
}

/** Tells a conflict anew, or adds it: when there is none yet, or that one is decided, or has of ours what stands nowhere else. */
export async function keepConflict(
  tx: Tx,
  { project, fileId, documentId }: LiveMerge,
  id: string | null,
  content: conflictQueries.ConflictContent,
): Promise<string> {
  if (id !== null) {
    if (await conflictQueries.changeConflict(tx, project.projectId, id, content)) return id
    await conflictQueries.resolveConflict(tx, project.projectId, id, { choice: 'current', by: null })
  }
  return conflictQueries.insertConflict(tx, project, { ...content, kind: 'lines', fileId, documentId })
}

/** What a row tells of a conflict in a text. */
export const toContent = (
  { pullId, path, remote, policy, ...sides }: LiveMerge,
  text: string,
  { from, to, base, ours, theirs }: FoundConflict,
  mark: Pick<Mark, 'anchorStart' | 'anchorEnd' | 'by'> | null,
): conflictQueries.ConflictContent => ({
  pullId,
  what: 'lines',
  path,
  line: lineOf(text, from),
  contextBefore: linesAround(text.slice(Math.max(0, from - CONTEXT_MAX), from), -CONTEXT_LINES, (lines) => {
    return sides.base.includes(lines + base) && sides.theirs.includes(lines + theirs)
  }),
  contextAfter: linesAround(text.slice(to, to + CONTEXT_MAX), CONTEXT_LINES, (lines) => {
    return sides.base.includes(base + lines) && sides.theirs.includes(theirs + lines)
  }),
  base: { text: base },
  // Where theirs is about to take the place, what people find there is not ours any more.
  ours: { text: ours, ...(policy === 'theirs' && { used: 'theirs' }) },
  theirs: { text: theirs },
  anchors: mark && { anchorStart: mark.anchorStart, anchorEnd: mark.anchorEnd },
  oursBy: mark?.by ?? [],
  remote,
})

/**
 * The first lines of a piece of text, or with a negative count the last ones: as many as all sides have there, because they are shown around each of
 * them.
 */
function linesAround(piece: string, count: number, isCommon: (lines: string) => boolean): string {
  const lines = piece.split(/(?<=\n)/)
  for (let n = Math.min(Math.abs(count), lines.length); n > 0; n--) {
    const some = (count < 0 ? lines.slice(-n) : lines.slice(0, n)).join('')
    if (isCommon(some)) return some.toWellFormed()
  }
  return ''
}

/** The line of a position, from 1. */
export function lineOf(text: string, at: number): number {
  let line = 1
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', end + 1)) line++
  return line
}

/** A conflict of an earlier pull, of which theirs reads so now. */
const goOn = (
  { pullId, remote }: LiveMerge,
  row: conflictQueries.ConflictRow,
  text: string,
): conflictQueries.ConflictContent => ({
  ...row,
  pullId,
  theirs: { text },
  anchors: row.anchorStart && row.anchorEnd ? { anchorStart: row.anchorStart, anchorEnd: row.anchorEnd } : null,
  oursBy: row.oursBy.map(({ id }) => personToActorKey(id as UserId)),
  remote,
})
