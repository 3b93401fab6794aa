/**
 * The cut (SN1): everything that a commit's bytes depend on is fixed in one REPEATABLE READ transaction before anything
 * is built, so that a snapshot which dies half-way can be made again, the same, from rows.
 */
import { type Database, pullQueries, snapshotQueries, type Tx } from '@skein/db'
import { encodeIdentity, encodeMessage } from '@skein/git-model'
import { type ActorKey, actorKeyToUser, type Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { countAuthors } from '../history/count-authors.ts'
import { chooseAuthors, noReplyAddress } from './authors.ts'
import { describeChanges } from './describe-changes.ts'

type CutFile = snapshotQueries.CutFile

export interface CutRequest {
  /** Who asked; null: Skein itself, at a quiet moment. */
  by: ActorKey | null
  /** Null: Skein describes what changed. */
  message: string | null
  /** Host of the addresses that stand in commits. */
  noReplyHost: string
  /** The commit ends a pull: it has these parents, and is cut also when nothing is uncommitted. */
  ends?: { pull: string; parents: Oid[] } | undefined
}

/** The pull that a cut was to end has ended; nothing was cut. */
export class PullEndedError extends Error {
  override readonly name = 'PullEndedError'
}

/** A cut that is `open`: neither published nor given up. */
export type Cut = snapshotQueries.SnapshotRow

// The project's row is changed by everybody who changes its tree or tells an event; each such meeting costs one more
// try.
const attemptsMax = 20

/** Makes a cut of what is uncommitted; null when there is nothing, or the project is gone or not ready. */
export async function makeCut(database: Database, project: ProjectKey, request: CutRequest): Promise<Cut | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.inWorkspace(project.workspaceId, (tx) => cutIn(tx, project, request), {
        isolation: 'repeatable read',
      })
    } catch (error) {
      if (!isSerializationFailure(error) || attempt === attemptsMax) throw error
    }
  }
}

/** PostgreSQL gave up a transaction because of another one that ran beside it; trying again is the cure. */
export function isSerializationFailure(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === '40001' || code === '40P01'
}

async function cutIn(tx: Tx, project: ProjectKey, request: CutRequest): Promise<Cut | null> {
  const { projectId } = project
  const files = await snapshotQueries.listCutFiles(tx, projectId)
  if (files.length === 0 && !request.ends) return null
  const place = await snapshotQueries.advanceCut(tx, projectId, request.ends !== undefined)
  if (!place) return null
  // Whoever ends a pull changes the project's row too, so that this is true when the cut is committed.
  if (request.ends && (await pullQueries.findPullState(tx, request.ends.pull)) !== 'applying') {
    throw new PullEndedError(`pull ${request.ends.pull} has ended already`)
  }
  const { author, coAuthors } = chooseAuthors(await countEdits(tx, files), request.by)
  const names = await readNames(tx, [author, ...coAuthors])
  const trailers = coAuthors.map((actor) => ({
    key: 'Co-authored-by',
    value: encodeIdentity({ name: nameOf(actor, names), email: noReplyAddress(actor, request.noReplyHost) }),
  }))
  const message = encodeMessage(request.message || describeChanges(files), trailers)
  const authorName = nameOf(author, names)
  const { parents = null, pull = null } = request.ends ?? {}
  const snapshot = { ...place, author, authorName, coAuthors, message, files, parents, pull }
  return { ...snapshot, op: await snapshotQueries.insertSnapshot(tx, project, snapshot) }
}

function nameOf(actor: ActorKey, names: ReadonlyMap<ActorKey, string>): string {
  return names.get(actor) ?? (actorKeyToUser(actor) === null ? 'Skein' : 'Former member')
}

/** Edits by actor since the last snapshot: one for each update of a text, one for each changed row of the tree. */
async function countEdits(tx: Tx, files: readonly CutFile[]): Promise<Map<ActorKey, number>> {
  const ranges = files.flatMap(({ document, seq, committedSeq }) =>
    document !== null && seq > committedSeq ? [{ document, after: committedSeq, upto: seq }] : [],
  )
  const edits = await countAuthors(tx, ranges)
  for (const file of files) {
    if (isRowChanged(file)) edits.set(file.changedBy, (edits.get(file.changedBy) ?? 0) + 1)
  }
  return edits
}

function isRowChanged(file: CutFile): boolean {
  return file.path !== file.committedPath || file.mode !== file.committedMode || file.blobSha256 !== null
}

async function readNames(tx: Tx, actors: readonly ActorKey[]): Promise<Map<ActorKey, string>> {
  const users = actors.flatMap((actor) => actorKeyToUser(actor) ?? [])
  const rows = await snapshotQueries.listNames(tx, users)
  return new Map(rows.map(({ id, name }) => [`person:${id}` as ActorKey, name]))
}
