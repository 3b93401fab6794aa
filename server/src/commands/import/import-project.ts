/**
 * Fills a project from a remote: fetch, judge the tree, then packs, branch, files, documents, commits, and the project's way to `ready`, all
 * in one transaction. Whoever is killed in between leaves a project that is still importing, and the next worker begins anew.
 */
import { commitQueries, type Database, importQueries, type jobQueries, type Tx } from '@skein/db'
import { type JobProgress, SKEIN } from '@skein/protocol'
import { z } from 'zod'
import { checkRemoteUrl } from '../../policies/remote-url.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import type { GitStore, TreeEntry } from '../git-store.ts'
import { failureToError, isDiskFull } from './import-error.ts'
import { importCommitsMax, importFilesMax, importTreeBytesMax } from './import-limits.ts'
import { type PlannedEntry, planTree } from './plan-tree.ts'
import type { FetchedRemote, RemoteSource } from './remote-source.ts'
import { writeTree } from './write-tree.ts'

export interface ImportDeps {
  db: Database
  git: Pick<GitStore, 'storeFetched'>
  remotes: RemoteSource
  record: RecordEvent
  trustedHosts: readonly string[]
}

/** What the job of an import knows. */
export const ImportInput = z.object({ gitUrl: z.string() })

export interface ImportRun {
  signal: AbortSignal
  report: (progress: JobProgress) => void
  /** Ends the job in the transaction that ends its work; throws when the job is not ours any more. */
  finish: (tx: Tx) => Promise<void>
}

const commitsPerBatch = 1000

/** Null when the project is ready (or gone); otherwise why not. Rejects when `run.signal` is aborted, and on faults. */
export async function importProject(
  deps: ImportDeps,
  project: ProjectKey,
  input: z.infer<typeof ImportInput>,
  run: ImportRun,
): Promise<jobQueries.JobError | null> {
  const { projectId, workspaceId } = project
  if ((await deps.db.inWorkspace(workspaceId, (tx) => importQueries.findImporting(tx, projectId))) === null) return null
  const checked = checkRemoteUrl(input.gitUrl, deps.trustedHosts)
  if (!checked.ok) return { code: 'invalid-url', message: checked.message, hint: checked.hint }
  const { host } = checked.url
  const remote = await deps.remotes.fetch(checked.url, { signal: run.signal, onProgress: run.report })
  if (remote.kind !== 'fetched') return failureToError(remote, host)
  try {
    return await keep(deps, project, remote, host, run)
  } catch (error) {
    run.signal.throwIfAborted()
    if (!isDiskFull(error)) throw error
    return failureToError({ kind: 'disk-full', detail: '' }, host)
  } finally {
    await remote.dispose()
  }
}

async function keep(
  deps: ImportDeps,
  project: ProjectKey,
  remote: FetchedRemote,
  host: string,
  run: ImportRun,
): Promise<jobQueries.JobError | null> {
  const { signal, report } = run
  if (remote.tip === null) {
    await deps.db.inWorkspace(project.workspaceId, (tx) => finish(deps, tx, project, remote.branch, run))
    return null
  }
  report({ phase: 'Looking at the files' })
  const plan = await readPlan(remote, signal)
  if ('detail' in plan) return failureToError({ kind: 'too-large', detail: plan.detail }, host)
  report({ phase: 'Keeping the history' })
  const { bareDirectory, branch, tip } = remote
  let isTooLong = false
  await deps.git
    .storeFetched(
      project,
      { bareDirectory, branch, tip, actor: SKEIN, reason: `import from ${host}`, signal },
      async (tx) => {
        await writeTree(tx, project, remote, plan.entries, { signal, onProgress: report })
        isTooLong = !(await writeCommits(tx, project, remote, run))
        if (isTooLong) throw new Error('more commits than an import may have')
        await finish(deps, tx, project, branch, run)
      },
    )
    .catch((error: unknown) => {
      if (!isTooLong) throw error
    })
  if (!isTooLong) return null
  const detail = `It has more than ${importCommitsMax.toLocaleString('en')} commits.`
  return failureToError({ kind: 'too-large', detail }, host)
}

/** The whole tree with what becomes of each entry, or the sentence about the limit that it is above. */
async function readPlan(
  remote: FetchedRemote,
  signal: AbortSignal,
): Promise<{ entries: PlannedEntry[] } | { detail: string }> {
  const entries: TreeEntry[] = []
  let bytes = 0
  for await (const entry of remote.listTree(signal)) {
    entries.push(entry)
    bytes += entry.bytes
    if (entries.length > importFilesMax)
      return { detail: `It has more than ${importFilesMax.toLocaleString('en')} files.` }
    if (bytes > importTreeBytesMax)
      return { detail: `Its files have more than ${importTreeBytesMax / 1024 ** 3} GiB together.` }
  }
  return { entries: planTree(entries) }
}

/** False when the history is longer than it may be. */
async function writeCommits(
  tx: Tx,
  project: ProjectKey,
  remote: FetchedRemote,
  { signal, report }: ImportRun,
): Promise<boolean> {
  let batch: commitQueries.NewCommit[] = []
  let done = 0
  const flush = async () => {
    if (batch.length > 0) await commitQueries.insertCommits(tx, project, batch)
    done += batch.length
    batch = []
    report({ phase: 'Reading the history', done, unit: 'commits' })
  }
  for await (const commit of remote.listCommits(signal)) {
    batch.push({ ...commit, authorActor: null, kind: 'remote', filesChanged: null })
    if (batch.length === commitsPerBatch) await flush()
    if (done > importCommitsMax) return false
  }
  await flush()
  return true
}

async function finish(deps: ImportDeps, tx: Tx, project: ProjectKey, branch: string, run: ImportRun): Promise<void> {
  const name = await importQueries.finishImport(tx, project.projectId, branch)
  if (name === null) throw new Error('the project was deleted while it was imported')
  await run.finish(tx)
  await deps.record(tx, project, { type: 'project', name, state: 'ready' })
}
