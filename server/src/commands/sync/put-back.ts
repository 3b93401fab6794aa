/**
 * A round that failed by a fault of our own: tried again after a wait that doubles, and once that has not helped for a while the link is held, so that
 * people know and somebody is told. It is looked at all the same from time to time, and whatever has mended it ends the hold.
 */
import { githubLinkQueries, outboxQueries } from '@skein/db'
import { tellStatus } from '../github/link-project.ts'
import { lockLink } from '../github/lock-link.ts'
import { describeFault } from './describe-state.ts'
import type { SyncDeps } from './round.ts'
import { tellHold } from './settle.ts'

const firstMs = 15_000
const lastMs = 10 * 60_000
/** In a row; about a quarter of an hour. */
const faultsMax = 6

/** Gives the row back, unless somebody else has it by now. */
export function putBackAfterFault({ db, record }: SyncDeps, row: outboxQueries.ClaimedSync): Promise<void> {
  const project = { projectId: row.projectId, workspaceId: row.workspaceId }
  return db.inWorkspace(row.workspaceId, async (tx) => {
    const link = await lockLink(tx, row.projectId)
    const faults = await outboxQueries.putBackSync(tx, row, { firstMs, lastMs })
    if (link === null || faults < faultsMax) return
    const reason = describeFault(faults)
    // What somebody has to do first is worth more than that we fail.
    if (link.state === 'held' && (link.heldLifts === 'person' || link.heldCode === reason.code)) return
    await tellHold(tx, { project, row, trigger: row.checkReason ?? row.trigger }, link, reason)
    await githubLinkQueries.holdGithubLink(tx, row.projectId, { ...reason, lifts: 'itself', oid: null })
    await tellStatus(record, tx, project)
  })
}
