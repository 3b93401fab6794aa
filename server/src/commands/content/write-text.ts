/**
 * Writing into the text of a file, for every writer but a browser: the apply engine, and what is left of it for people. Hunks that somebody's
 * typing stands against are kept as suggestions before the writer is told.
 */
import { type Database, suggestionQueries } from '@skein/db'
import type { EditProblem } from '@skein/document'
import {
  type ActorKey,
  type DocumentId,
  type EditedContent,
  type FileId,
  HUNKS_LISTED_MAX,
  type HunkOutcome,
  Refusal,
  type Revision,
  type WrittenContent,
} from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { HunkReport, LiveDocuments, LiveText, WriteRequest } from '../live-documents.ts'

export interface WriteDeps {
  db: Database
  record: RecordEvent
  documents: Pick<LiveDocuments, 'read' | 'write'>
}

export interface WriteTarget {
  project: ProjectKey
  path: string
  fileId: FileId
  documentId: DocumentId
}

/** One call of a writer. */
export interface Call {
  writer: WriteRequest['writer']
  /** As people see whoever stands behind it; null for Skein itself. */
  by: { id: string; name: string } | null
  /** Names this call and no other, also when it is tried again. */
  id: string
  isRetry: boolean
  /** Rejects when the writer may not write any more. */
  checkRight(): Promise<unknown>
}

/** Suggestions that may wait in one file: what nobody looks at must not grow without end. */
export const OPEN_SUGGESTIONS_MAX = 1_000

/**
 * Writes what is wanted against the text that was read, and gives the text as it is now with what became of each hunk.
 * @throws Refusal stale-revision, quote-not-found, quote-ambiguous, file-too-large, quota-exceeded, not-found; nothing was changed then
 */
export async function writeText(
  deps: WriteDeps,
  target: WriteTarget,
  call: Call,
  { read, wanted, waitMs = 0 }: Pick<WriteRequest, 'read' | 'wanted'> & { waitMs?: number },
): Promise<EditedContent> {
  const { project, path, documentId } = target
  const waiting = await deps.db.inWorkspace(
    project.workspaceId,
    (tx) => suggestionQueries.countOpenSuggestions(tx, documentId, OPEN_SUGGESTIONS_MAX),
    { readOnly: true },
  )
  if (waiting >= OPEN_SUGGESTIONS_MAX) throw refuseMoreSuggestions(path)
  const { writer, isRetry, checkRight } = call
  const outcome = await deps.documents.write({
    document: documentId,
    writer,
    read,
    wanted,
    waitMs,
    isRetry,
    checkRight,
  })
  if (outcome.outcome === 'stale') throw refuseStale(path, outcome.current)
  if (outcome.outcome === 'unplaced') throw refuseUnplaced(path, outcome.problem, outcome.current)
  if (outcome.outcome === 'too-large') throw refuseTooLarge(path)
  const { current, hunks, matches } = outcome
  const ids = await keepSuggestions(deps, target, call, read ?? current.revision, hunks)
  const listed = listHunkNumbers(hunks).map((n) => toOutcome(hunks[n] as HunkReport, ids.get(n)))
  return { path, ...current, hunks: listed, hunkCounts: countOutcomes(hunks), matches: [...matches] }
}

const isMade = ({ result }: HunkReport): boolean => result.outcome === 'applied' || result.outcome === 'rebased'

/** The numbers of the hunks that are told, rising: of too many first of all those that were not made. */
export function listHunkNumbers(hunks: readonly HunkReport[]): number[] {
  const numbers = [...hunks.keys()]
  if (hunks.length <= HUNKS_LISTED_MAX) return numbers
  const isMadeAt = (n: number) => isMade(hunks[n] as HunkReport)
  return [...numbers.filter((n) => !isMadeAt(n)), ...numbers.filter(isMadeAt)]
    .slice(0, HUNKS_LISTED_MAX)
    .toSorted((a, b) => a - b)
}

function countOutcomes(hunks: readonly HunkReport[]): WrittenContent['hunkCounts'] {
  const counts = { applied: 0, rebased: 0, noop: 0, review: 0 }
  for (const { result } of hunks) counts[result.outcome]++
  return counts
}

/** Keeps what goes to review, and tells everybody; gives the ids by number of the hunk. */
async function keepSuggestions(
  { db, record }: WriteDeps,
  { project, documentId, fileId }: WriteTarget,
  { writer, by, id: call }: Call,
  revision: Revision,
  hunks: readonly HunkReport[],
): Promise<Map<number, string>> {
  const suggestions = hunks.flatMap(({ hunk, result }, n) =>
    result.outcome === 'review' ? [{ n, ...result, newText: hunk.insert }] : [],
  )
  if (suggestions.length === 0) return new Map()
  const { projectId, workspaceId } = project
  const of = { document: documentId, run: writer.run, call, author: writer.actor, revision }
  return db.inWorkspace(workspaceId, async (tx) => {
    const ids = await suggestionQueries.insertSuggestions(tx, { projectId, workspaceId }, of, suggestions)
    const event = { type: 'suggestions', fileId, documentId, added: suggestions.length, by } as const
    await record(tx, { projectId, workspaceId }, event)
    return ids
  })
}

function toOutcome({ hunk, line, result }: HunkReport, suggestionId = ''): HunkOutcome {
  const base = {
    line,
    removed: hunk.remove,
    inserted: hunk.insert.length,
    ...(hunk.edits.length > 0 && { edits: [...hunk.edits] }),
  }
  if (result.outcome !== 'review') return { ...base, outcome: result.outcome }
  const { outcome, reason, baseText, presentText, others } = result
  const changedBy: ActorKey[] = [...others]
  return { ...base, outcome, reason, baseText, newText: hunk.insert, presentText, changedBy, suggestionId }
}

const refuseStale = (path: string, current: LiveText): Refusal =>
  new Refusal(
    'stale-revision',
    `What changed in “${path}” since that revision is not known any more. Nothing was written.`,
    {
      hint: 'Make your change again on the text in “details”, and name its revision.',
      details: { path, revision: current.revision, text: current.text },
    },
  )

const refuseTooLarge = (path: string): Refusal =>
  new Refusal('file-too-large', `“${path}” would become larger than 4 MiB, the limit of a text. Nothing was written.`, {
    hint: 'Split the text into several files.',
    details: { path },
  })

const refuseMoreSuggestions = (path: string): Refusal =>
  new Refusal('quota-exceeded', `${OPEN_SUGGESTIONS_MAX} suggestions wait in “${path}” already. Nothing was written.`, {
    hint: 'Have somebody accept or reject them first.',
    details: { path, suggestionsMax: OPEN_SUGGESTIONS_MAX },
  })

const hintMissing = ({ nearest, isGivenUp }: Extract<EditProblem['problem'], { problem: 'missing' }>): string => {
  const tooMuch = isGivenUp ? 'There is too much to compare to find what is only similar. ' : ''
  if (nearest) return `${tooMuch}The most similar text begins on line ${nearest.line}; it is in “details”.`
  return `${tooMuch}Read the file, and quote it as it is now.`
}

/** Says which edit has no place, and what stands there instead. */
function refuseUnplaced(path: string, { edit, problem }: EditProblem, { revision }: LiveText): Refusal {
  const which = `Edit ${edit + 1} of “${path}”`
  const details = { path, edit, revision, ...problem }
  switch (problem.problem) {
    case 'ambiguous': {
      const lines = problem.places.map(({ line }) => line).join(', ')
      return new Refusal(
        'quote-ambiguous',
        `${which}: its oldText stands there ${problem.count} times, on lines ${lines}. Nothing was written.`,
        {
          hint: 'Quote more of the text around it, or set replaceAll. The places are in “details”.',
          details,
        },
      )
    }
    case 'missing':
      return new Refusal(
        'quote-not-found',
        `${which}: its oldText is not there${problem.isThere ? ', but its newText is' : ''}. Nothing was written.`,
        {
          hint: hintMissing(problem),
          details,
        },
      )
    case 'empty':
      return new Refusal(
        'quote-not-found',
        `${which}: an empty oldText stands for the whole of an empty file, and this one has text. Nothing was written.`,
        {
          hint: 'Quote the text before which something is to be inserted.',
          details,
        },
      )
    case 'outside':
      return new Refusal(
        'invalid-request',
        `${which} lies outside the text, or cuts a character in two. Nothing was written.`,
        {
          hint: 'Positions are UTF-16 units of the text as the edits before have left it.',
          details,
        },
      )
    case 'too-many':
      return new Refusal(
        'invalid-request',
        `${which} would change more than 10,000 places at once. Nothing was written.`,
        {
          hint: 'Write the whole text instead.',
          details,
        },
      )
  }
}
