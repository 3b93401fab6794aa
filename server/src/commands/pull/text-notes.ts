/**
 * Texts of a pull that are merged: noted in groups, each with the line ends that theirs gave it, because how a text is held and what its row says of
 * it must change in one moment for whoever goes on after a kill.
 */
import { type Database, fileQueries, projectQueries, pullQueries } from '@skein/db'
import { tellConflicts } from '../conflicts/tell-conflicts.ts'
import type { RecordEvent } from '../event-hub.ts'
import { fileToView } from '../files/file-view.ts'
import { type RemoteHead, tellFiles } from './file-conflicts.ts'
import type { MergeText, PullPlan, PullUnderWay, Work } from './plan-pull.ts'
import { mergesPerNote } from './pull-limits.ts'
import { actorOfPull } from './pull-source.ts'
import type { KnownBlobs, LiveFileRow } from './read-sides.ts'

export type TextWork = Work<MergeText> & { row: LiveFileRow }
type Attributes = Pick<LiveFileRow, 'eol' | 'bom'>

/** The line ends and the mark that a text has after the merge: theirs, unless ours changed them too. */
export function targetAttributes(row: Attributes, { base, theirs }: MergeText, blobs: KnownBlobs): Attributes {
  const was = base === null ? null : blobs.get(base)?.attributes
  const now = blobs.get(theirs)?.attributes
  if (!was || !now) return row
  return { eol: row.eol === was.eol ? now.eol : row.eol, bom: row.bom === was.bom ? now.bom : row.bom }
}

/** A text that is done; its conflicts are those that keep it as ours has it. */
export type Note = TextWork

interface Deps {
  db: Database
  record: RecordEvent
}

/** Notes texts in groups: one whose note is lost is looked for in the log, and not written again. */
export class Notes {
  readonly #deps: Deps
  readonly #under: PullUnderWay
  readonly #plan: PullPlan
  readonly #remote: RemoteHead
  #waiting: Note[] = []

  constructor(deps: Deps, under: PullUnderWay, plan: PullPlan, remote: RemoteHead) {
    this.#deps = deps
    this.#under = under
    this.#plan = plan
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
    const { db, record } = this.#deps
    const { project, pull } = this.#under
    const ends = notes.flatMap((note) => this.#endsOf(note) ?? [])
    await db.inWorkspace(project.workspaceId, async (tx) => {
      if (ends.length === 0) await projectQueries.lockProject(tx, project.projectId)
      else {
        const tree = await projectQueries.advanceTree(tx, project.projectId)
        const files = await pullQueries.setLineEnds(tx, project.projectId, actorOfPull(pull), ends)
        const ids = files.map(({ id }) => id)
        await fileQueries.markDirty(tx, project, ids)
        const event = { files: files.map(fileToView), by: null, treeVersion: tree?.treeVersion ?? 0 }
        await record(tx, project, { type: 'files-changed', ...event })
      }
      const texts = notes.map(({ key, row }) => ({ path: key, file: row.id }))
      await pullQueries.insertPullTexts(tx, project.workspaceId, pull.id, texts)
      const told = await tellFiles(tx, project, pull.id, notes, this.#remote)
      if (told > 0) await tellConflicts(record, tx, project, { path: null, by: null })
    })
  }

  /** Null when they are what they were, or theirs was not written. */
  #endsOf({ row, action, conflicts }: Note) {
    const { eol, bom } = targetAttributes(row, action, this.#plan.blobs)
    if (row.documentId === null || conflicts.length > 0 || (eol === row.eol && bom === row.bom)) return null
    return { id: row.id, document: row.documentId, eol, bom }
  }
}
