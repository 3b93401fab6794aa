/**
 * A pull from its row to its commit, without the network. Every step may be repeated after a kill: what is done is known, what is left is planned
 * anew against the files as they are then.
 */
import { commitQueries, githubLinkQueries, pullQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import { type Claimed, ClaimLostError } from '../snapshot/claim.ts'
import { PullEndedError } from '../snapshot/cut.ts'
import { applyContents } from './apply-contents.ts'
import { applyTree } from './apply-tree.ts'
import type { RemoteHead } from './file-conflicts.ts'
import { finishPull, MovedBranchError } from './finish-pull.ts'
import { mergeTexts } from './merge-texts.ts'
import { OutdatedPlanError, type PullPlan, type PullUnderWay, planPull } from './plan-pull.ts'
import { faultsMax, roundsMax, unavailableMsMax } from './pull-limits.ts'
import type { PullDeps, PullOutcome } from './pull-project.ts'
import { describeSource } from './pull-source.ts'
import { type RemoteChanges, readChanges } from './read-changes.ts'

type Deps = Omit<PullDeps, 'remote'>

export interface Application {
  project: ProjectKey
  pull: pullQueries.PullRow
  claimed: Claimed
  /** It was begun before. */
  isRetry: boolean
}

/** Applies a pull whose snapshots are claimed; gives it up at the fifth fault. */
export async function applyPull(deps: Deps, application: Application, signal: AbortSignal): Promise<PullOutcome> {
  const { project, pull } = application
  try {
    return await apply(deps, application, signal)
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof MovedBranchError) {
      // What was brought in stays, and is found there when the pull is begun anew.
      await giveUpPull(deps, application)
      return { state: 'busy' }
    }
    // The claim goes on to somebody else, who may have ended the pull, or a text changes under our hands: both pass by themselves, the latter soon.
    const isUnavailable = error instanceof Refusal && error.code === 'unavailable'
    const passes =
      error instanceof ClaimLostError ||
      error instanceof PullEndedError ||
      (isUnavailable && Date.now() - pull.createdAt.getTime() < unavailableMsMax)
    if (passes) return { state: 'busy' }
    const faults = await deps.db.inWorkspace(project.workspaceId, (tx) =>
      pullQueries.countPullAttempt(tx, project.projectId, pull.id),
    )
    if (faults === null || faults < faultsMax) throw error
    deps.logFault(error, { project: project.projectId, pull: pull.id, faults })
    return abandonPull(deps, application)
  }
}

async function apply(
  deps: Deps,
  { project, pull, claimed, isRetry }: Application,
  signal: AbortSignal,
): Promise<PullOutcome> {
  const { claim, open } = claimed
  let changes: RemoteChanges | undefined
  // What is cut already has everything in it.
  if (!open.some((cut) => cut.pull === pull.id)) {
    const { remote, policy } = await readRemoteHead(deps, project, pull)
    changes = await readChanges(deps, project, pull)
    const under: PullUnderWay = { project, pull, changes, blobs: new Map(), policy }
    await bringIn(deps, under, remote, {
      isRetry,
      keep: async () => {
        signal.throwIfAborted()
        await claim.keep()
      },
    })
  }
  await claim.keep()
  return finishPull(deps, { project, pull, ...(changes && { changes }) }, claim, open)
}

interface Going {
  isRetry: boolean
  /** Between steps; throws when the pull must not go on. */
  keep: () => Promise<void>
}

async function bringIn(deps: Deps, under: PullUnderWay, remote: RemoteHead, going: Going): Promise<void> {
  const { db, git, documents } = deps
  const sides = { db, git, blobs: deps.snapshot.blobs, documents }
  for (let round = 1; ; round++) {
    await going.keep()
    const plan = await planPull(sides, under)
    if (plan === null) return
    if (round > roundsMax) throw new Error(`the files change faster than pull ${under.pull.id} can be applied`)
    await deps.onStep?.('planned')
    try {
      await carryOut(deps, under, plan, remote, {
        ...going,
        isRetry: going.isRetry || round > 1,
      })
    } catch (error) {
      if (!(error instanceof OutdatedPlanError)) throw error
    }
  }
}

async function carryOut(
  deps: Deps,
  under: PullUnderWay,
  plan: PullPlan,
  remote: RemoteHead,
  { isRetry, keep }: Going,
): Promise<void> {
  const { db, git, documents, merge } = deps
  const record = deps.snapshot.recordEvent
  await applyTree({ db, record }, under, plan, remote)
  await deps.onStep?.('tree')
  const onBatch = async () => {
    await keep()
    await deps.onStep?.('added')
  }
  await applyContents({ db, record, git, onBatch }, under, plan, remote)
  const onText = async () => {
    await keep()
    await deps.onStep?.('text')
  }
  const onMerged = async () => deps.onStep?.('merged')
  await mergeTexts({ db, record, documents, merge, git, onText, onMerged }, under, plan, remote, isRetry)
  await deps.onStep?.('texts')
}

async function readRemoteHead({ db }: Deps, { projectId, workspaceId }: ProjectKey, { theirs }: pullQueries.PullRow) {
  return db.inWorkspace(workspaceId, async (tx) => {
    const commit = await commitQueries.findCommit(tx, projectId, theirs)
    const link = await githubLinkQueries.findGithubLink(tx, projectId)
    const remote: RemoteHead = { oid: theirs, authorName: commit?.authorName ?? null, at: commit?.committedAt ?? null }
    return { remote, policy: link?.overlaps ?? ('ask' as const) }
  })
}

/** What was brought in stays and is committed as any edit; the remote head is not merged. */
async function abandonPull(deps: Deps, application: Application): Promise<PullOutcome> {
  const { pull } = application
  await giveUpPull(deps, application)
  return {
    state: 'refused',
    reason: {
      code: 'pull-abandoned',
      message: `Skein could not merge ${describeSource(pull)} into the project, and gave up after ${faultsMax} tries. What was brought in until then stays. Tell the operator of this Skein; then try again. Editing and committing go on.`,
    },
  }
}

const giveUpPull = ({ db }: Deps, { project: { projectId, workspaceId }, pull }: Application): Promise<void> =>
  db.inWorkspace(workspaceId, async (tx) => {
    await pullQueries.abandonPullSnapshots(tx, projectId, pull.id)
    await pullQueries.endPull(tx, projectId, pull.id, 'abandoned')
  })
