/**
 * Publishing (SN4): one transaction makes the commit exist, with everything that follows from it. Rows are locked in
 * the order repository, project, outbox, files, documents, which every other writer keeps, and the documents last,
 * because edits wait for them.
 */
import { commitQueries, outboxQueries, repositoryQueries, snapshotQueries, type Tx } from '@skein/db'
import type { Commit, DocumentId, Oid } from '@skein/protocol'
import { actorKeyToUser } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { noReplyAddress } from './authors.ts'
import { type BuiltCommit, parentsOf } from './build-commit.ts'
import type { Cut } from './cut.ts'
import type { WrittenPack } from './pack-rows.ts'

/** Somebody else moved the branch, ended the snapshot or claimed the project after us; nothing was changed. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError'
}

export interface Publication {
  cut: Cut
  built: BuiltCommit
  packs: readonly WrittenPack[]
  /** The claim's number; a higher one has been here when the repository knows one. */
  fence: number
  noReplyHost: string
  recordEvent: RecordEvent
  /** What else becomes true with it, where the project is locked and nothing after it in the order of locks. */
  beside?: ((tx: Tx) => Promise<void>) | undefined
}

/**
 * Makes the commit visible, or moves the branch to one that is there already; to be called in a transaction. Throws OvertakenError, and the
 * transaction must then be rolled back.
 */
export async function publishCommit(tx: Tx, project: ProjectKey, publication: Publication, oid: Oid): Promise<Commit> {
  const { cut, built, packs, fence } = publication
  if (!(await repositoryQueries.advanceGeneration(tx, project.projectId, fence))) {
    throw new OvertakenError('a later claim has published')
  }
  if (!(await snapshotQueries.endSnapshot(tx, project.projectId, cut.op, { state: 'done', commit: oid }))) {
    throw new OvertakenError('the snapshot has ended already')
  }
  for (const pack of packs) await repositoryQueries.insertPack(tx, project, { ...pack, source: 'snapshot' })
  const name = `refs/heads/${cut.defaultBranch}`
  if (!(await repositoryQueries.moveRef(tx, project, { name, from: cut.base, to: oid }))) {
    throw new OvertakenError('the branch has moved')
  }
  await repositoryQueries.insertReflog(tx, project, {
    name,
    from: cut.base,
    to: oid,
    actor: cut.author,
    reason: cut.pull === null ? 'snapshot' : 'pull',
  })
  const row = built.commit === null ? await findRow(tx, project, oid) : toRow(publication, oid)
  if (built.commit !== null) await commitQueries.insertCommits(tx, project, [row])
  // Whoever links the project meanwhile either pushes this commit as the head, or is seen here.
  await snapshotQueries.lockTree(tx, project.projectId)
  await publication.beside?.(tx)
  await outboxQueries.enqueuePush(tx, { projectId: project.projectId, ref: name, target: oid })
  const commit = toCommit(row)
  await publication.recordEvent(tx, project, { type: 'snapshot', commit })
  await settle(tx, project, cut, built)
  return commit
}

/** Ends a snapshot in which nothing changed (SN7); to be called in a transaction. */
export async function settleUnchanged(tx: Tx, project: ProjectKey, cut: Cut, built: BuiltCommit): Promise<void> {
  if (!(await snapshotQueries.endSnapshot(tx, project.projectId, cut.op, { state: 'unchanged', commit: null }))) {
    throw new OvertakenError('the snapshot has ended already')
  }
  await snapshotQueries.lockTree(tx, project.projectId)
  await settle(tx, project, cut, built)
}

/**
 * Gives an open snapshot up, and deletes its packs; to be called in a transaction. Only whoever ends a snapshot may
 * delete what was written for it: somebody else may be about to publish the very same packs.
 */
export async function giveUp(tx: Tx, project: ProjectKey, cut: Cut, packs: readonly WrittenPack[]): Promise<void> {
  const { projectId } = project
  if (!(await snapshotQueries.endSnapshot(tx, projectId, cut.op, { state: 'abandoned', commit: null }))) return
  for (const { sha } of packs) await repositoryQueries.deleteHiddenChunks(tx, projectId, sha)
}

async function settle(tx: Tx, project: ProjectKey, cut: Cut, built: BuiltCommit): Promise<void> {
  await snapshotQueries.settleFiles(tx, built.files)
  const documents = cut.files.flatMap(({ document }): DocumentId[] => (document === null ? [] : [document]))
  await snapshotQueries.lockDocuments(tx, documents)
  await snapshotQueries.clearDirtyFiles(tx, project.projectId, cut.files, cut.at)
}

async function findRow(tx: Tx, { projectId }: ProjectKey, oid: Oid): Promise<commitQueries.NewCommit> {
  const row = await commitQueries.findCommit(tx, projectId, oid)
  if (row === null) throw new Error(`commit ${oid} is not among the commits of project ${projectId}`)
  return row
}

function toRow({ cut, built, noReplyHost }: Publication, oid: Oid): commitQueries.NewCommit {
  return {
    oid,
    parents: parentsOf(cut),
    authorName: cut.authorName,
    authorEmail: noReplyAddress(cut.author, noReplyHost),
    authorActor: cut.author,
    authoredAt: cut.at,
    committedAt: cut.at,
    message: cut.message,
    kind: 'snapshot',
    filesChanged: built.filesChanged,
  }
}

/** A commit as the API and the events show it. */
export function toCommit(row: commitQueries.NewCommit): Commit {
  const userId = row.authorActor === null ? null : actorKeyToUser(row.authorActor)
  return {
    oid: row.oid,
    parents: row.parents,
    // As other hosts show it: the newline at its end belongs to Git's format.
    message: row.message.trimEnd(),
    author: { name: row.authorName, email: row.authorEmail, ...(userId === null ? {} : { userId }) },
    committedAt: row.committedAt.toISOString(),
    kind: row.kind,
  }
}
