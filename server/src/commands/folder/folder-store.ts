/**
 * What links to a folder keep beside the project's own history, in the same repository: whole commits of GitHub as they were fetched or as we made them,
 * named by refs that nobody is shown, and the map between them and ours. Objects, rows and refs become visible in one transaction.
 */
import { commitMapQueries, commitQueries, type Database, repositoryQueries, type Tx } from '@skein/db'
import { decodeCommit, type GitObject } from '@skein/git-model'
import { type Oid, SKEIN } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import { pin } from '../pull/fetch-head.ts'
import { commitsPerBatch } from '../pull/pull-limits.ts'
import { PackRows } from '../snapshot/pack-rows.ts'
import type { SnapshotObjects } from '../snapshot/snapshot-objects.ts'
import type { FolderReader, MappedPair, TranslatedHead } from './translate-in.ts'
import type { RemoteReader, TranslatedWork } from './translate-out.ts'

/** Where a branch stands at GitHub, as whole commits; the same as commits of ours; and what was made to be pushed to it. */
const refTo = (what: 'remote' | 'local' | 'out', branch: string): string => `refs/remotes/folder/${what}/${branch}`
export const fetchedRef = (branch: string): string => refTo('remote', branch)

export interface FolderStoreDeps {
  db: Database
  git: Pick<GitStore, 'hasCommit' | 'isAncestor'>
  objects: SnapshotObjects
}

interface Folder {
  project: ProjectKey
  directory: string
}

const mapKey = ({ project, directory }: Folder) => ({ ...project, directory })

/** What both translations read. */
export function readerOf({ db, git, objects }: FolderStoreDeps, folder: Folder): FolderReader & RemoteReader {
  const { project } = folder
  const read = <T>(query: (tx: Tx) => Promise<T>) => db.inWorkspace(project.workspaceId, query, { readOnly: true })
  return {
    readCommit: (oid) => objects.readObject(project, 'commit', oid),
    readTree: (oid) => objects.readObject(project, 'tree', oid),
    findLocal: (remote) => read((tx) => commitMapQueries.findLocalCommits(tx, mapKey(folder), remote)),
    listRemotes: (local) => read((tx) => commitMapQueries.listRemoteCommits(tx, mapKey(folder), local)),
    // A try that never arrived may have been cleared away by now.
    isAncestor: async (ancestor, descendant) =>
      ancestor === descendant ||
      ((await git.hasCommit(project, ancestor)) && (await git.isAncestor(project, ancestor, descendant))),
  }
}

/** The commit of ours that a remote head is, when it was translated and its branch is noted to stand there; else null. */
export async function findNoted(
  { db }: FolderStoreDeps,
  folder: Folder,
  branch: string,
  remote: Oid,
): Promise<Oid | null> {
  const { projectId, workspaceId } = folder.project
  return db.inWorkspace(
    workspaceId,
    async (tx) => {
      const [pair] = await commitMapQueries.findLocalCommits(tx, mapKey(folder), [remote])
      if (pair === undefined) return null
      const refs = [refTo('remote', branch), refTo('local', branch)]
      const [there, here] = [
        await repositoryQueries.findRef(tx, projectId, refs[0] as string),
        await repositoryQueries.findRef(tx, projectId, refs[1] as string),
      ]
      return there === remote && here === pair.local ? pair.local : null
    },
    { readOnly: true },
  )
}

/** Keeps a translated head: its new commits are the project's, as any that came from GitHub. */
export async function keepHead(
  deps: FolderStoreDeps,
  folder: Folder,
  { branch, remote, head }: { branch: string; remote: Oid; head: TranslatedHead },
): Promise<void> {
  const { project } = folder
  const ref = refTo('local', branch)
  const before = await deps.db.inWorkspace(project.workspaceId, (tx) =>
    repositoryQueries.findRef(tx, project.projectId, ref),
  )
  const goesOn = before !== null && head.base !== null && (await readerOf(deps, folder).isAncestor(before, head.base))
  await keep(deps, folder, [...head.objects, ...head.commits], head.pairs, async (tx) => {
    // What the branch has left stays here, as of a link to a whole repository.
    const from = await repositoryQueries.findRef(tx, project.projectId, ref)
    if (from !== null && !(goesOn && from === before)) await pin(tx, project, from)
    for (let start = 0; start < head.commits.length; start += commitsPerBatch) {
      const batch = head.commits.slice(start, start + commitsPerBatch).map(toRow)
      await commitQueries.insertCommits(tx, project, batch)
    }
    await point(tx, project, refTo('remote', branch), remote)
    await point(tx, project, ref, head.local)
  })
}

/** Keeps what is about to be pushed, before it leaves: whoever finds it at GitHub then knows what it is. */
export function keepWork(
  deps: FolderStoreDeps,
  folder: Folder,
  { branch, work }: { branch: string; work: TranslatedWork },
): Promise<void> {
  return keep(deps, folder, work.objects, work.pairs, (tx) =>
    point(tx, folder.project, refTo('out', branch), work.remote),
  )
}

async function keep(
  { db, objects: known }: FolderStoreDeps,
  folder: Folder,
  objects: readonly GitObject[],
  pairs: readonly MappedPair[],
  beside: (tx: Tx) => Promise<void>,
): Promise<void> {
  const { project } = folder
  const packs = new PackRows(db, project)
  await db.inWorkspace(project.workspaceId, (tx) => repositoryQueries.ensureRepository(tx, project))
  for (const object of objects) await packs.add(object)
  await packs.finish(async () => {})
  await db.inWorkspace(project.workspaceId, async (tx) => {
    await repositoryQueries.advanceGeneration(tx, project.projectId, null)
    for (const pack of packs.written) await repositoryQueries.insertPack(tx, project, { ...pack, source: 'fetch' })
    await commitMapQueries.insertMappedCommits(tx, mapKey(folder), pairs)
    await beside(tx)
  })
  known.noteObjects(project, objects)
}

async function point(tx: Tx, project: ProjectKey, name: string, to: Oid): Promise<void> {
  const from = await repositoryQueries.findRef(tx, project.projectId, name)
  if (from === to) return
  await repositoryQueries.moveRef(tx, project, { name, from, to })
  await repositoryQueries.insertReflog(tx, project, { name, from, to, actor: SKEIN, reason: 'folder' })
}

function toRow({ oid, body }: GitObject): commitQueries.NewCommit {
  const { parents, author, committer, message } = decodeCommit(body)
  return {
    oid: oid as Oid,
    parents: parents as Oid[],
    authorName: author.name,
    authorEmail: author.email,
    authorActor: null,
    authoredAt: new Date(author.atMs),
    committedAt: new Date(committer.atMs),
    message,
    kind: 'remote',
    filesChanged: null,
  }
}
