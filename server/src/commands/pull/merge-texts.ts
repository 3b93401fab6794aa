/**
 * Texts of theirs into the live documents, several at a time (PL6). A text of a file with uniform line ends is held without its `\r`; where one side
 * has mixed ends it is held with them, and so both are brought into the form in which the document is, or is to be.
 */
import { bytesToText, type LineEnd } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { type MergeLiveDeps, mergeIntoLive } from '../conflicts/merge-live.ts'
import type { GitStore } from '../git-store.ts'
import type { RemoteHead } from './file-conflicts.ts'
import type { PullPlan, PullUnderWay } from './plan-pull.ts'
import { mergesAtOnce } from './pull-limits.ts'
import { actorOfPull } from './pull-source.ts'
import { type Note, Notes, type TextWork, targetAttributes } from './text-notes.ts'

export interface TextsDeps extends MergeLiveDeps {
  git: Pick<GitStore, 'readBlobs'>
  /** Called before each text; throws when the pull must not go on. */
  onText: () => Promise<void>
  /** Called when a text is merged and that is not noted yet. */
  onMerged: () => Promise<void>
}

/** The three-way's other two sides. */
interface Texts {
  base: string
  /** The base as the document holds it once theirs has arrived. */
  baseThen: string
  theirs: string
}

/** Merges all texts of the plan; those whose document went meanwhile are left for the next look at the tree. */
export async function mergeTexts(
  deps: TextsDeps,
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
  isRetry: boolean,
): Promise<void> {
  const notes = new Notes(deps, under, plan, remote)
  const running = new Set<Promise<void>>()
  let fault: { error: unknown } | null = null
  const run = async (work: TextWork, texts: Texts) => {
    await deps.onText()
    const note = await mergeOne(deps, under, remote, { work, texts, isRetry })
    await deps.onMerged()
    if (note !== null) await notes.add(note)
  }
  const oids = plan.merged.flatMap(({ action }) =>
    action.base === null ? [action.theirs] : [action.base, action.theirs],
  )
  const start = async (work: TextWork, texts: Texts) => {
    const task = run(work, texts)
      .catch((error: unknown) => {
        fault ??= { error }
      })
      .finally(() => running.delete(task))
    running.add(task)
    if (running.size >= mergesAtOnce) await Promise.race(running)
    if (fault) throw fault.error
  }
  try {
    let at = 0
    let base: Uint8Array | null = null
    await deps.git.readBlobs(under.project, oids, async (oid, content) => {
      const work = plan.merged[at]
      if (work === undefined) throw new Error('more blobs came than were asked for')
      if (work.action.base !== null && base === null) {
        base = Uint8Array.from(content)
        return
      }
      if (oid !== work.action.theirs) throw new Error('blobs came in another order')
      at++
      const { eol } = targetAttributes(work.row, work.action, plan.blobs)
      const [was, then] = base === null ? ['', ''] : [textIn(base, work.row.eol), textIn(base, eol)]
      base = null
      await start(work, { base: was, baseThen: then, theirs: textIn(content, eol) })
    })
  } finally {
    await Promise.all(running)
    await notes.flush()
  }
  if (fault) throw (fault as { error: unknown }).error
}

/** The text as a document with these line ends holds it. */
function textIn(content: Uint8Array, eol: LineEnd | null): string {
  const decoded = bytesToText(content)
  if (decoded.kind === 'binary') throw new Error('a text that was planned as one is none')
  if (eol !== 'mixed' || decoded.attributes.eol !== 'crlf') return decoded.text
  return decoded.text.replaceAll('\n', '\r\n')
}

/** What was written before and not noted holds its line ends as theirs does, whatever the row still says. */
async function chooseBase(deps: TextsDeps, document: DocumentId, { base, baseThen }: Texts): Promise<string> {
  if (base === baseThen) return base
  const live = (await deps.documents.read([document])).get(document)?.text
  return live?.includes('\r') === baseThen.includes('\r') ? baseThen : base
}

/** Merges one text; what becomes of the note of it is known afterwards. */
async function mergeOne(
  deps: TextsDeps,
  { project, pull, policy }: PullUnderWay,
  remote: RemoteHead,
  { work, texts, isRetry }: { work: TextWork; texts: Texts; isRetry: boolean },
): Promise<Note | null> {
  const { row, action } = work
  const { documentId } = row
  if (documentId === null) throw new Error(`file ${row.id} is a text without a document`)
  const base = isRetry ? await chooseBase(deps, documentId, texts) : texts.base
  const { theirs } = texts
  const writer = { actor: actorOfPull(pull), run: `pull ${pull.id} ${documentId}` }
  const file = { fileId: row.id, documentId, path: action.path }
  const merge = {
    project,
    pullId: pull.id,
    ...file,
    writer,
    base,
    theirs,
    remote,
    policy,
    isRetry,
    begunAt: pull.createdAt,
  }
  const outcome = await mergeIntoLive(deps, merge)
  if (!('outcome' in outcome)) return { ...work, conflicts: [] }
  if (outcome.outcome === 'gone') return null
  return { ...work, conflicts: [{ what: 'too-large', settled: null }] }
}
