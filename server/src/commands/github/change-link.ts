/** What people do with a link: settings, pausing, another try, a new pull request; for one project, or for all of a workspace. */
import { githubLinkQueries, outboxQueries, syncOperationQueries, type Tx } from '@skein/db'
import { type GithubStatus, Refusal, type UpdateGithub, type WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import { isBranchName } from '../../policies/branch-name.ts'
import type { ProjectKey } from '../event-hub.ts'
import { type LinkDeps, tellStatus } from './link-project.ts'
import { notLinked } from './link-refusals.ts'
import { lockLink } from './lock-link.ts'

type Link = githubLinkQueries.GithubLinkRow
type ChangeDeps = Pick<LinkDeps, 'db' | 'record'>

/** Changes what is given; the worker looks at once with the new settings. */
export function updateLink(
  deps: ChangeDeps,
  project: ProjectKey,
  actor: Actor,
  { mode, overlaps, paused, branch }: UpdateGithub,
): Promise<GithubStatus> {
  return changeLink(deps, project, async (tx, link) => {
    const { projectId } = project
    if (mode !== undefined && mode !== link.mode) await githubLinkQueries.setSyncMode(tx, projectId, mode, null)
    if (overlaps !== undefined) await githubLinkQueries.setOverlapPolicy(tx, projectId, overlaps)
    if (branch !== undefined && branch !== link.branch) await changeBranch(tx, link, branch)
    if (paused === true) {
      if (link.pausedAt === null) await githubLinkQueries.setPaused(tx, projectId, actor.userId)
      return
    }
    if (paused === false && link.pausedAt !== null) await githubLinkQueries.setPaused(tx, projectId, null)
    await tryAgain(tx, link)
  })
}

async function changeBranch(tx: Tx, link: Link, branch: string): Promise<void> {
  if (!isBranchName(branch)) {
    throw new Refusal('invalid-request', `“${branch}” cannot be the name of a branch.`, {
      hint: 'Name a branch of the repository.',
    })
  }
  const other = await githubLinkQueries.findProjectOfBranch(tx, link.repositoryId, branch, link.directory)
  if (other !== null && other !== link.projectId) {
    throw new Refusal('already-linked', `Another project of this workspace is linked to the branch ${branch}.`, {
      hint: 'Name another branch, or unlink that project first.',
      details: { project: other },
    })
  }
  await githubLinkQueries.setLinkedBranch(tx, link.projectId, branch)
}

/** Looks and pushes now, also when it was held or has to wait for its next try. */
export function requestSync(deps: ChangeDeps, project: ProjectKey): Promise<GithubStatus> {
  return changeLink(deps, project, (tx, link) => tryAgain(tx, link))
}

/** The pull request that was closed on GitHub is left alone, and the next push asks with a new one. */
export function startPullRequest(deps: ChangeDeps, project: ProjectKey): Promise<GithubStatus> {
  return changeLink(deps, project, async (tx, link) => {
    if (link.prState === 'open') {
      throw new Refusal('already-linked', `Pull request #${link.prNumber} is open.`, {
        hint: 'New commits are added to it by themselves.',
      })
    }
    await githubLinkQueries.recordPullRequest(tx, project.projectId, null)
    await tryAgain(tx, link)
  })
}

/** Tries an operation again that did not succeed: all that waits goes with it. @throws Refusal not-found */
export async function retryOperation(deps: ChangeDeps, project: ProjectKey, id: string): Promise<GithubStatus> {
  const found = await deps.db.inWorkspace(project.workspaceId, (tx) =>
    syncOperationQueries.findSyncOperation(tx, project.projectId, id),
  )
  if (found === null) throw notFound('operation')
  if (found.state === 'done' || found.state === 'running') {
    throw new Refusal(
      'invalid-request',
      found.state === 'done' ? 'This has been done already.' : 'This is under way.',
      { hint: 'Only what failed or was held can be tried again.' },
    )
  }
  return requestSync(deps, project)
}

/** Another try for many projects of the workspace; returns how many. Each is asked for by itself, so that nobody waits for all locks. */
export async function requestSyncOfAll(
  deps: ChangeDeps,
  workspaceId: WorkspaceId,
  which: 'failed' | 'held' | 'all',
): Promise<number> {
  const linked = await deps.db.inWorkspace(
    workspaceId,
    (tx) => outboxQueries.listLinkedProjects(tx, workspaceId, which),
    { readOnly: true },
  )
  let asked = 0
  for (const { projectId } of linked) {
    const isAsked = await requestSync(deps, { projectId, workspaceId }).then(
      () => true,
      (error: unknown) => {
        // Unlinked meanwhile.
        if (error instanceof Refusal) return false
        throw error
      },
    )
    if (isAsked) asked += 1
  }
  return asked
}

function changeLink(
  { db, record }: ChangeDeps,
  project: ProjectKey,
  change: (tx: Tx, link: Link) => Promise<void>,
): Promise<GithubStatus> {
  return db.inWorkspace(project.workspaceId, async (tx) => {
    const link = await lockLink(tx, project.projectId)
    if (link === null) throw notLinked()
    await change(tx, link)
    return tellStatus(record, tx, project)
  })
}

/** A person's try begins without what the last one met. A paused link is looked at too: that pulls, and pushes nothing. */
async function tryAgain(tx: Tx, link: Link): Promise<void> {
  const { projectId } = link
  await forgetTroubles(tx, link)
  await outboxQueries.askCheck(tx, projectId, { reason: 'person', isDeep: true })
  await outboxQueries.hurrySync(tx, projectId)
}

/** What only a person's try ends: a refused push, a branch that is gone, whatever holds the link. */
export async function forgetTroubles(tx: Tx, link: Link): Promise<void> {
  const { projectId } = link
  if (link.refusal !== null) await githubLinkQueries.recordRefusal(tx, projectId, null)
  if (link.heldCode === 'branch-deleted') await githubLinkQueries.forgetMerged(tx, projectId)
  if (link.state === 'held') await githubLinkQueries.releaseGithubLink(tx, projectId)
}
