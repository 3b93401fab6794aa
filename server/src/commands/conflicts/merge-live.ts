/**
 * One text of a pull, brought into its live document while people type (GS5). What theirs changed where nobody here did is written through the
 * apply engine; what both changed becomes a conflict, and the text keeps ours. Rules: SPEC.md beside this file.
 */
import { conflictQueries, projectQueries } from '@skein/db'
import { type ChangedLines, changedLines, wholeLines } from '@skein/document'
import { diffToHunks } from '@skein/merge'
import { FILE_TEXT_BYTES_MAX, Refusal } from '@skein/protocol'
import { findRowOfRun, openTextAt } from '../history/read-history.ts'
import type { HunkReport, WriteOutcome } from '../live-documents.ts'
import { listLate } from './list-late.ts'
import { holdRanges, listLines, type Seen, seeText } from './list-lines.ts'
import type { LiveMerge, LiveMergeOutcome, MergeLiveDeps } from './live-merge.ts'
import type { CleanChange, FoundConflict } from './match-conflicts.ts'
import { tellConflicts } from './tell-conflicts.ts'
import type { MergedText } from './text-merge.ts'

export type { LiveMerge, LiveMergeOutcome, MergeLiveDeps }

/** A text that changes while it is merged is merged again; one that does so more often is left to the next try of the pull. */
const TRIES_MAX = 5
/** How long lines may wait on which somebody is typing: a pull that holds snapshots back waits for nobody. */
const WAIT_MS = 0
/** How long edits may come from whoever had not seen the pull. */
const LATE_MS = 30_000
/** Conflicts of one text that are listed one by one; beyond it they are one, which holds the whole texts. */
const CONFLICTS_MAX = 200

/** Brings one remote text into the live one. Rejects with a Refusal `unavailable` when the document cannot be read or written now. */
export async function mergeIntoLive(deps: MergeLiveDeps, merge: LiveMerge): Promise<LiveMergeOutcome> {
  try {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const outcome = await mergeOnce(deps, merge)
      if (outcome !== 'again') return outcome
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-found') return { outcome: 'gone' }
    throw error
  }
  throw new Refusal('unavailable', 'The text changes faster than it can be merged. Nothing is lost.', {
    hint: 'It is tried again.',
  })
}

async function mergeOnce(deps: MergeLiveDeps, merge: LiveMerge): Promise<LiveMergeOutcome | 'again'> {
  const { policy, isRetry } = merge
  const arrived = isRetry ? await findArrived(deps, merge) : null
  const seen = await seeText(deps, merge)
  if (!seen) return { outcome: 'gone' }
  const { text } = seen.live
  if (arrived === 'all') return { conflicts: await settle(deps, merge, [], isRetry), hasChanged: false }
  const merged = await deps.merge.merge(merge.base, text, merge.theirs)
  // What people have made of theirs since it was written is theirs to say: it is not written again.
  const wanted = arrived === 'clean' ? text : policy === 'theirs' ? takeTheirs(merged) : merged.text
  if (Buffer.byteLength(wanted) > FILE_TEXT_BYTES_MAX) return { outcome: 'too-large' }
  const conflicts = joinMany(merge, text, merged)
  const ids = await listLines(deps, merge, seen, conflicts, seen.listed.length > 0 ? cleanChanges(text, merged) : [])
  if (!ids) return 'again'
  const written = wanted === text ? null : await write(deps, merge, seen, wanted)
  if (written?.outcome === 'too-large') return { outcome: 'too-large' }
  if (written && written.outcome !== 'written') return 'again'
  const waiting = written ? reviewedLines(text, wanted, written.hunks) : []
  const isWaiting = ({ from, to }: FoundConflict) => waiting.some((lines) => lines.from <= to && lines.to >= from)
  const isNew = (lines: CleanChange) => !conflicts.some(({ from, to }) => lines.from <= to && lines.to >= from)
  await listWaiting(deps, merge, seen, waiting.filter(isNew))
  const settled = ids.filter((id, n) => id !== null && !isWaiting(conflicts[n] as FoundConflict)) as string[]
  // Most texts have nothing that anybody was told of, and so nothing to look for again.
  const isPlain = !isRetry && seen.listed.length + conflicts.length + waiting.length === 0
  const left = isPlain ? 0 : await settle(deps, merge, settled, isRetry)
  return { conflicts: left, hasChanged: written !== null && written.current.text !== text }
}

/**
 * How much of theirs an earlier try has written: `all`, or `clean`, that which stood against nothing; null: nothing, or not all of that, or it is not
 * known any more. It is read from the log, because people may have changed the lines since.
 */
async function findArrived(
  { db, merge }: MergeLiveDeps,
  { documentId, writer: { run }, begunAt, base, theirs, policy }: LiveMerge,
): Promise<'all' | 'clean' | null> {
  const row = await findRowOfRun(db, documentId, { run, since: begunAt })
  const written = row === null ? 'unknown' : await openTextAt(db, documentId, row)
  if (written === 'unknown') return null
  const { text, conflicts } = await merge.merge(base, written.text, theirs)
  if (text !== written.text) return null
  if (conflicts.length === 0) return 'all'
  return policy === 'theirs' ? null : 'clean'
}

/** The merged text with theirs in place of ours wherever both changed. */
function takeTheirs({ text, conflicts }: MergedText): string {
  let taken = ''
  let end = 0
  for (const { at, ours, theirs } of conflicts) {
    taken += text.slice(end, at) + theirs
    end = at + ours.length
  }
  return taken + text.slice(end)
}

function joinMany({ base, theirs }: LiveMerge, live: string, { conflicts }: MergedText): readonly FoundConflict[] {
  if (conflicts.length <= CONFLICTS_MAX) return conflicts
  return [{ from: 0, to: live.length, base, ours: live, theirs }]
}

/** What the merge changes in the live text where there is no conflict. */
const cleanChanges = (live: string, { text }: MergedText): CleanChange[] =>
  toChanges(changedLines(live, text, diffToHunks(live, text)))

/** Changed lines, where they stood before. */
function toChanges(lines: readonly ChangedLines[]): CleanChange[] {
  let shift = 0
  return lines.map(({ from, before, after }) => {
    const at = from - shift
    shift += after.length - before.length
    return { from: at, to: at + before.length, before, after }
  })
}

const write = (deps: MergeLiveDeps, merge: LiveMerge, { live }: Seen, wanted: string): Promise<WriteOutcome> =>
  deps.documents.write({
    document: merge.documentId,
    writer: merge.writer,
    read: live.revision,
    wanted: { text: wanted },
    late: { forMs: LATE_MS, tell: listLate(deps, merge) },
    waitMs: WAIT_MS,
    isRetry: merge.isRetry,
    checkRight: async () => {},
  })

/** Lines of the text that was read with a hunk that somebody's typing stood against. */
function reviewedLines(read: string, wanted: string, reports: readonly HunkReport[]): CleanChange[] {
  const reviewed = reports.filter(({ result }) => result.outcome === 'review')
  if (reviewed.length === 0) return []
  const edits = reports.map(({ hunk }) => hunk)
  return toChanges(changedLines(read, wanted, edits)).filter(({ from, to }) =>
    reviewed.some(({ hunk: { at, remove } }) => at >= from && at + remove <= to),
  )
}

/** Lists lines that somebody has changed between the reading and the writing: ours is what they made of them. */
async function listWaiting(
  deps: MergeLiveDeps,
  merge: LiveMerge,
  { live }: Seen,
  waiting: readonly CleanChange[],
): Promise<void> {
  if (waiting.length === 0) return
  // What stood there when the pull read it is followed to where it is now, with what was typed on its lines.
  const held = await holdRanges(deps, merge.documentId, merge.writer, live, waiting)
  const seen = held && (await seeText(deps, merge, held))
  if (seen) {
    const { text } = seen.live
    const found = waiting.map(({ before, after }, n) => {
      const lines = wholeLines(text, seen.held[n] ?? { from: 0, to: 0 })
      return { ...lines, base: before, ours: text.slice(lines.from, lines.to), theirs: after }
    })
    if (await listLines(deps, merge, seen, found, [])) return
  }
  throw new Refusal('unavailable', 'The text changes faster than its conflicts can be listed. Nothing is lost.', {
    hint: 'It is tried again.',
  })
}

/**
 * Closes what the project's policy decides, and counts what is left to people. After a kill between the writing and this, theirs stands in the text
 * already, and the rows of the first try are all that tells of ours.
 */
async function settle(
  { db, record }: MergeLiveDeps,
  { project, policy, pullId, documentId, path }: LiveMerge,
  ids: readonly string[],
  isRetry: boolean,
): Promise<number> {
  const { projectId, workspaceId } = project
  return db.inWorkspace(workspaceId, async (tx) => {
    await projectQueries.lockProject(tx, projectId)
    const rows = await conflictQueries.listLinesIn(tx, projectId, { document: documentId, pullId })
    const ours = rows.filter((row) => row.state === 'open' && row.pullId === pullId)
    if (policy !== 'theirs' && policy !== 'ours') return ours.length
    const isSettled = (id: string) => ids.includes(id) || (isRetry && policy === 'theirs')
    const settled = ours.filter(({ id }) => isSettled(id))
    for (const { id } of settled) await conflictQueries.resolveConflict(tx, projectId, id, { choice: policy, by: null })
    if (settled.length > 0) await tellConflicts(record, tx, project, { path, by: null })
    return ours.length - settled.length
  })
}
