/**
 * Brings one project and GitHub together, in both directions: a pull that was begun is ended, then look, decide, act, and look again until nothing is left
 * to do. What is true is read anew before each step, so that a round that was killed anywhere is simply begun again (GS1, GS4).
 */
import { githubLinkQueries, outboxQueries, pullQueries, type Tx } from '@skein/db'
import { decide } from '@skein/git-sync'
import type { GithubStatus } from '@skein/protocol'
import { forgetTroubles } from '../github/change-link.ts'
import { lockLink } from '../github/lock-link.ts'
import { readGithubStatus } from '../github/read-status.ts'
import { resumePull } from '../pull/pull-project.ts'
import { act, endPull } from './act.ts'
import { Histories } from './histories.ts'
import { observe } from './observe.ts'
import { failureToEnd } from './push.ts'
import type { Link, Round, RoundEnd, StepEnd, SyncDeps } from './round.ts'
import { settle } from './settle.ts'

/** Somebody who keeps pushing at the same moments is a reason to come back later. */
const stepsMax = 24
const breathMs = 2_000

/** Works on a claimed row, and settles it. Rejects when `signal` is aborted, and on faults of our own; the row then stays claimed. */
export async function syncProject(deps: SyncDeps, row: outboxQueries.ClaimedSync, signal: AbortSignal): Promise<void> {
  const begun = await deps.db.inWorkspace(row.workspaceId, (tx) => begin(deps, tx, row))
  if (begun === null) return
  const round = toRound(deps, row, begun.link, signal)
  const ended = await work(deps, round, begun.link)
  await settle(deps, round, begun.status, ended)
  deps.news.synced(ended.end === 'gone' ? 'settled' : ended.end)
}

const isByHandOf = ({ checkReason }: outboxQueries.ClaimedSync): boolean => checkReason === 'person'

function toRound({ git }: SyncDeps, row: outboxQueries.ClaimedSync, link: Link, signal: AbortSignal): Round {
  const isByHand = isByHandOf(row)
  const project = { projectId: row.projectId, workspaceId: row.workspaceId }
  return {
    project,
    link,
    histories: new Histories(git, project),
    row,
    signal,
    isByHand,
    trigger: row.target !== null && !isByHand ? row.trigger : (row.checkReason ?? row.trigger),
    refs: null,
    isDeep: row.isDeep || isByHand,
    apiNotBefore: link.apiNotBefore,
    wasDeclined: false,
    isDecided: false,
    isCommitted: false,
    lookSoonerAt: null,
  }
}

/** Null when there is nothing to do now: not linked any more, or only a push is asked for and the last one was a moment ago. */
async function begin(
  { now, minIntervalMs }: SyncDeps,
  tx: Tx,
  row: outboxQueries.ClaimedSync,
): Promise<{ link: Link; status: GithubStatus } | null> {
  const { projectId, checkReason, target } = row
  const link = await lockLink(tx, projectId)
  if (link === null) {
    await outboxQueries.dropSync(tx, projectId)
    return null
  }
  if (target !== null && (checkReason === null || checkReason === 'poll' || checkReason === 'start')) {
    const last = await githubLinkQueries.lastPushTo(tx, link.repositoryId)
    const earliest = new Date((last?.getTime() ?? 0) + minIntervalMs)
    if (earliest > now()) {
      await outboxQueries.postponeSync(tx, row, earliest)
      return null
    }
  }
  const status = await readGithubStatus(tx, projectId)
  if (isByHandOf(row)) await forgetTroubles(tx, link)
  return { link, status }
}

async function work(deps: SyncDeps, round: Round, link: Link): Promise<RoundEnd> {
  const resumed = await resume(deps, round, link)
  if (resumed !== 'on') return resumed
  for (let steps = 0; steps < stepsMax; steps += 1) {
    round.signal.throwIfAborted()
    const seen = await observe(deps, round)
    if (seen === null) return { end: 'gone' }
    if ('ended' in seen) {
      if (seen.ended === 'on') continue
      return seen.ended
    }
    if ('failure' in seen) return failureToEnd(seen.failure, seen.link, null)
    const done = await act(deps, round, seen.link, seen.facts, decide(seen.facts))
    if (done !== 'on') return done
  }
  return { end: 'later', until: new Date(deps.now().getTime() + breathMs) }
}

/** Ends a pull whose worker died, which needs no network. */
async function resume(deps: SyncDeps, round: Round, link: Link): Promise<StepEnd> {
  const { project, signal } = round
  const begun = await deps.db.inWorkspace(
    project.workspaceId,
    (tx) => pullQueries.findApplyingPull(tx, project.projectId),
    { readOnly: true },
  )
  if (begun === null) return 'on'
  const outcome = await resumePull(deps.pull, project, signal)
  if (outcome === null) return 'on'
  return endPull(deps, round, link, { operation: begun.operation, outcome, theirs: begun.theirs })
}
