/**
 * Snapshots: a commit made from the documents at one cut of their logs. SPEC.md in this folder numbers the rules. The
 * order of the writes is what makes it safe to die after any of them: the cut is a row, packs are rows nobody sees, one
 * transaction publishes, and whatever was left open is made again from the cut.
 */
import { pullQueries, snapshotQueries } from '@skein/db'
import type { GitObject } from '@skein/git-model'
import { type ActorKey, type Commit, type Oid, Refusal } from '@skein/protocol'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { isPush } from '../pull/pull-source.ts'
import { type BuildDeps, buildCommit } from './build-commit.ts'
import { type Claim, claimSnapshots } from './claim.ts'
import { type Cut, isSerializationFailure, makeCut } from './cut.ts'
import { PackRows, sweepPacks } from './pack-rows.ts'
import { giveUp, OvertakenError, type Publication, publishCommit, settleUnchanged } from './publish.ts'
import { CutOutOfReachError } from './texts-at-cut.ts'

/** Instants at which a test may kill a snapshot; `publishing` is inside the transaction. */
export type SnapshotStep = 'claimed' | 'cut' | 'built' | 'stored' | 'publishing' | 'published'

export interface SnapshotDeps extends BuildDeps {
  recordEvent: RecordEvent
  /** Called at each step; a test throws here where a kill would strike. */
  onStep?: (step: SnapshotStep) => Promise<void> | void
}

export interface SnapshotRequest {
  /** Null: Skein itself, at a quiet moment. */
  by: ActorKey | null
  /** Null or empty: Skein describes what changed. */
  message: string | null
  /** How long to wait for a snapshot of the project that is being made; 0: not at all. */
  waitMs: number
}

/** Overtaken this often in a row, something is wrong that another try does not cure. */
const attemptsMax = 5

/**
 * Commits what is not committed yet; null when no byte differs from the last commit.
 * Throws the refusal `unavailable` when other snapshots of the project do not end within `waitMs`.
 */
export async function takeSnapshot(
  deps: SnapshotDeps,
  project: ProjectKey,
  request: SnapshotRequest,
): Promise<Commit | null> {
  const claimed = await claimSnapshots(deps.database, project, request.waitMs)
  if (!claimed) throw await refuseBusy(deps, project)
  const { claim, open } = claimed
  try {
    await deps.onStep?.('claimed')
    const finished = open.length > 0 ? await finishOpen(deps, project, open, claim) : null
    return (await commitNow(deps, project, request, claim)) ?? finished
  } finally {
    await claim.release().catch(() => {}) // it ends by itself
  }
}

async function refuseBusy(deps: SnapshotDeps, { projectId, workspaceId }: ProjectKey): Promise<Refusal> {
  const pull = await deps.database.inWorkspace(workspaceId, (tx) => pullQueries.findApplyingPull(tx, projectId))
  const message =
    pull === null
      ? 'Another commit of this project is still being made. Nothing is lost.'
      : `${isPush(pull) ? 'Pushed changes are' : 'Changes from GitHub are'} being merged into this project, and are committed together with yours. Nothing is lost.`
  return new Refusal('unavailable', message, { hint: 'Try again in a few seconds.' })
}

/** Ends what a kill left open, each from its own cut; no pull is being applied, so that a cut which was to end one is given up. */
export async function finishOpen(
  deps: SnapshotDeps,
  project: ProjectKey,
  open: readonly Cut[],
  claim: Claim,
): Promise<Commit | null> {
  let last: Commit | null = null
  for (const cut of open) {
    if (cut.pull !== null) {
      await deps.database.inWorkspace(project.workspaceId, (tx) => giveUp(tx, project, cut, []))
      continue
    }
    const outcome = await finishCut(deps, project, cut, claim)
    if (outcome.state === 'done') last = outcome.commit
  }
  await deps.database.inWorkspace(project.workspaceId, (tx) => sweepPacks(tx, project))
  return last
}

async function commitNow(
  deps: SnapshotDeps,
  project: ProjectKey,
  { by, message }: SnapshotRequest,
  claim: Claim,
): Promise<Commit | null> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const cut = await makeCut(deps.database, project, { by, message, noReplyHost: deps.noReplyHost })
    if (!cut) return null
    await deps.onStep?.('cut')
    const outcome = await finishCut(deps, project, cut, claim)
    if (outcome.state !== 'abandoned') return outcome.commit
  }
  throw new Error(`snapshots of project ${project.projectId} were overtaken ${attemptsMax} times in a row`)
}

export type CutOutcome =
  | { state: 'done'; commit: Commit }
  | { state: 'unchanged'; commit: null }
  | { state: 'abandoned' }

/** What a cut that ends a pull has to do with it. */
export interface CutEnding {
  /** Blobs that the chosen parents hold. */
  isThere?: (oid: Oid) => boolean
  beside?: Publication['beside']
}

/**
 * Builds and publishes a cut. One that cannot be published any more is given up; its files are still listed for the
 * next.
 */
export async function finishCut(
  deps: SnapshotDeps,
  project: ProjectKey,
  cut: Cut,
  claim: Claim,
  ending: CutEnding = {},
): Promise<CutOutcome> {
  const packs = new PackRows(deps.database, project)
  try {
    return await buildAndPublish(deps, project, cut, claim, packs, ending)
  } catch (error) {
    if (!(error instanceof OvertakenError || error instanceof CutOutOfReachError)) throw error
    await deps.database.inWorkspace(project.workspaceId, (tx) => giveUp(tx, project, cut, packs.written))
    return { state: 'abandoned' }
  }
}

async function buildAndPublish(
  deps: SnapshotDeps,
  project: ProjectKey,
  cut: Cut,
  claim: Claim,
  packs: PackRows,
  { isThere, beside }: CutEnding,
): Promise<CutOutcome> {
  const { database } = deps
  const add = async (object: GitObject) => {
    await packs.add(object)
    await claim.keep()
  }
  const built = await buildCommit(deps, project, cut, add, isThere)
  await deps.onStep?.('built')
  const { commit: object, same } = built
  const head = same ?? (object?.oid as Oid | undefined)
  if (head === undefined) {
    await retried(() => database.inWorkspace(project.workspaceId, (tx) => settleUnchanged(tx, project, cut, built)))
    return { state: 'unchanged', commit: null }
  }
  // The texts are as true as the rows that they were made from, whatever becomes of this snapshot.
  await packs.finish(async (tx) => {
    if (built.texts.length > 0) await snapshotQueries.keepTexts(tx, built.texts)
  })
  await deps.onStep?.('stored')
  const publication = { ...deps, cut, built, packs: packs.written, fence: claim.fence, beside }
  const commit = await retried(() =>
    database.inWorkspace(project.workspaceId, async (tx) => {
      const published = await publishCommit(tx, project, publication, head)
      await deps.onStep?.('publishing')
      return published
    }),
  )
  if (object) deps.objects.noteObjects(project, [...built.trees, object])
  await deps.onStep?.('published')
  return { state: 'done', commit }
}

/** Once more when PostgreSQL broke a deadlock at our cost. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isSerializationFailure(error)) throw error
    return await work()
  }
}
