/**
 * Texts of theirs into the live documents, several at a time (PL6). A text of a file with uniform line ends is held without its `\r`; where one side
 * has mixed ends it is held with them, and so both are brought into the form in which the document is, or is to be.
 */
import { projectQueries, pullQueries } from '@skein/db'
import { bytesToText, type LineEnd } from '@skein/document'
import { type MergeLiveDeps, mergeIntoLive } from '../conflicts/merge-live.ts'
import { tellConflicts } from '../conflicts/tell-conflicts.ts'
import type { GitStore } from '../git-store.ts'
import { type RemoteHead, tellFiles } from './file-conflicts.ts'
import type { MergeText, PullPlan, PullUnderWay, Work } from './plan-pull.ts'
import { mergesAtOnce, mergesPerNote } from './pull-limits.ts'
import { actorOfPull } from './pull-source.ts'
import type { KnownBlobs, LiveFileRow } from './read-sides.ts'

export interface TextsDeps extends MergeLiveDeps {
  git: Pick<GitStore, 'readBlobs'>
  /** Called before each text; throws when the pull must not go on. */
  onText: () => Promise<void>
  /** Called when a text is merged and that is not noted yet. */
  onMerged: () => Promise<void>
}

type TextWork = Work<MergeText> & { row: LiveFileRow }
type Attributes = Pick<LiveFileRow, 'eol' | 'bom'>

/** The line ends and the mark that a text has after the merge: theirs, unless ours changed them too. */
export function targetAttributes(row: Attributes, { base, theirs }: MergeText, blobs: KnownBlobs): Attributes {
  const was = base === null ? null : blobs.get(base)?.attributes
  const now = blobs.get(theirs)?.attributes
  if (!was || !now) return row
  return { eol: row.eol === was.eol ? now.eol : row.eol, bom: row.bom === was.bom ? now.bom : row.bom }
}

/** Merges all texts of the plan; those whose document went meanwhile are left for the next look at the tree. */
export async function mergeTexts(
  deps: TextsDeps,
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
  isRetry: boolean,
): Promise<void> {
  const notes = new Notes(deps, under, remote)
  const running = new Set<Promise<void>>()
  let fault: { error: unknown } | null = null
  const run = async (work: TextWork, base: string, theirs: string) => {
    await deps.onText()
    const note = await mergeOne(deps, under, remote, { work, base, theirs, isRetry })
    await deps.onMerged()
    if (note !== null) await notes.add(note)
  }
  const oids = plan.merged.flatMap(({ action }) =>
    action.base === null ? [action.theirs] : [action.base, action.theirs],
  )
  const start = async (work: TextWork, base: string, theirs: string) => {
    const task = run(work, base, theirs)
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
      const texts = [base === null ? '' : textIn(base, work.row.eol), textIn(content, eol)] as const
      base = null
      await start(work, ...texts)
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

/** Merges one text; what becomes of the note of it is known afterwards. */
async function mergeOne(
  deps: TextsDeps,
  { project, pull, policy }: PullUnderWay,
  remote: RemoteHead,
  { work, base, theirs, isRetry }: { work: TextWork; base: string; theirs: string; isRetry: boolean },
): Promise<Note | null> {
  const { row, action } = work
  const { documentId } = row
  if (documentId === null) throw new Error(`file ${row.id} is a text without a document`)
  const writer = { actor: actorOfPull(pull), run: `pull ${pull.id} ${documentId}` }
  const file = { fileId: row.id, documentId, path: action.path }
  const merge = { project, pullId: pull.id, ...file, writer, base, theirs, remote, policy, isRetry }
  const outcome = await mergeIntoLive(deps, merge)
  if (!('outcome' in outcome)) return { ...work, conflicts: [] }
  if (outcome.outcome === 'gone') return null
  return { ...work, conflicts: [{ what: 'too-large', settled: null }] }
}

/** A text that is done; its conflicts are those that keep it as ours has it. */
type Note = TextWork

/** Notes texts in groups: a note that is lost costs one more merge, which changes nothing. */
class Notes {
  readonly #deps: Pick<TextsDeps, 'db' | 'record'>
  readonly #under: PullUnderWay
  readonly #remote: RemoteHead
  #waiting: Note[] = []

  constructor(deps: Pick<TextsDeps, 'db' | 'record'>, under: PullUnderWay, remote: RemoteHead) {
    this.#deps = deps
    this.#under = under
    this.#remote = remote
  }

  async add(note: Note): Promise<void> {
    this.#waiting.push(note)
    if (this.#waiting.length >= mergesPerNote) await this.flush()
  }

  async flush(): Promise<void> {
    const notes = this.#waiting
    this.#waiting = []
    if (notes.length === 0) return
    const { project, pull } = this.#under
    await this.#deps.db.inWorkspace(project.workspaceId, async (tx) => {
      const texts = notes.map(({ key, row }) => ({ path: key, file: row.id }))
      await projectQueries.lockProject(tx, project.projectId)
      await pullQueries.insertPullTexts(tx, project.workspaceId, pull.id, texts)
      const told = await tellFiles(tx, project, pull.id, notes, this.#remote)
      if (told > 0) await tellConflicts(this.#deps.record, tx, project, { path: null, by: null })
    })
  }
}
