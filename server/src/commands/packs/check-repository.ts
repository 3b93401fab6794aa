/**
 * `npm run fsck` (PK5): does Git find in the packs what rows promise? One picture of the rows, a repository made from nothing else, Git's own
 * check, then every promise: refs, history, the files of the last commit, work under way. It only looks.
 */
import { type Database, packQueries, projectQueries, repositoryCheckQueries, repositoryQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { RepositoryKey } from '../git-store.ts'
import type { ProbedRepository, RepositoryProbe } from './repository-probe.ts'

export interface CheckReport {
  packs: number
  bytes: number
  commits: number
  files: number
  /** Sentences for the operator, at most `problemsMax`. */
  problems: string[]
}

/** A repository that is damaged at all is mostly damaged in thousands of places. */
const problemsMax = 50

/** Null: the project has no repository. */
export async function checkRepository(
  { database, probe }: { database: Database; probe: RepositoryProbe },
  repository: RepositoryKey,
): Promise<CheckReport | null> {
  const picture = await readPicture(database, repository)
  if (!picture) return null
  const { refs, packs, files, commits } = picture
  const bytes = packs.reduce((sum, pack) => sum + pack.packBytes + pack.indexBytes, 0)
  const problems: string[] = []
  try {
    await probe.open(repository, { refs, packs }, async (probed) => {
      problems.push(...(await probed.complaints()))
      for await (const problem of compare(picture, probed)) {
        problems.push(problem)
        if (problems.length >= problemsMax) return
      }
    })
  } catch (error) {
    problems.push(`It cannot be put together: ${(error as Error).message}`)
  }
  return {
    packs: packs.length,
    bytes,
    commits: commits.length,
    files: files.length,
    problems: problems.slice(0, problemsMax),
  }
}

interface Picture {
  refs: { name: string; oid: Oid }[]
  head: Oid | null
  packs: packQueries.LivePack[]
  files: repositoryCheckQueries.PromisedFile[]
  objects: repositoryCheckQueries.PromisedObject[]
  commits: { oid: Oid; parents: Oid[] }[]
}

async function readPicture(database: Database, { projectId, workspaceId }: RepositoryKey): Promise<Picture | null> {
  return database.inWorkspace(
    workspaceId,
    async (tx) => {
      const found = await repositoryQueries.findRefs(tx, projectId)
      const packing = await packQueries.findPacking(tx, projectId)
      if (!found || !packing) return null
      return {
        refs: found.refs,
        head: await projectQueries.findHeadOid(tx, projectId),
        packs: packing.packs.toSorted((a, b) => a.gen - b.gen),
        files: await repositoryCheckQueries.listPromisedFiles(tx, projectId),
        objects: await repositoryCheckQueries.listPromisedObjects(tx, projectId),
        commits: await repositoryCheckQueries.listCommitOids(tx, projectId),
      }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

async function* compare(picture: Picture, probed: ProbedRepository): AsyncGenerator<string> {
  const missing = await probed.findMissing([...new Set(picture.objects.map(({ oid }) => oid))])
  for (const { oid, by } of picture.objects) if (missing.has(oid)) yield `${oid}, which ${by} needs, is in no pack.`
  if (picture.head === null || missing.has(picture.head)) return
  yield* compareHistory(picture, picture.head, probed)
  yield* compareFiles(picture, picture.head, probed)
}

/** Every commit that the branch reaches is a row, and with the same parents: pages of history are made from rows. */
async function* compareHistory({ commits }: Picture, head: Oid, probed: ProbedRepository): AsyncGenerator<string> {
  const rows = new Set(commits.map(({ oid }) => oid))
  for (const oid of await probed.listCommitOids(head)) {
    if (!rows.has(oid)) yield `Commit ${oid} is in the history of the branch, and in no row.`
  }
}

/** The tree of the last commit is what the files' rows say it holds; the next snapshot builds upon that. */
async function* compareFiles({ files }: Picture, head: Oid, probed: ProbedRepository): AsyncGenerator<string> {
  const promised = new Map(files.map((file) => [file.pathRaw ?? Buffer.from(file.path).toString('hex'), file]))
  for await (const { path, mode, oid } of probed.listTree(head)) {
    const key = Buffer.from(path).toString('hex')
    const file = promised.get(key)
    promised.delete(key)
    const name = Buffer.from(path).toString()
    if (!file) yield `“${name}” is in the last commit, and no file says so.`
    else if (file.oid !== oid || file.mode !== mode) {
      yield `“${name}” is ${mode.toString(8)} ${oid} in the last commit, and its file says ${file.mode.toString(8)} ${file.oid}.`
    }
  }
  for (const { path, oid } of promised.values())
    yield `“${path}” (${oid}) is not in the last commit, and its file says so.`
}
