/**
 * Linking a project to a GitHub repository, and taking the link away. An installation of the App belongs to the workspace that linked a repository of it
 * first: who may push there is decided on GitHub for the App as a whole, not for each person here. On a public instance its admin makes that
 * first link, or somebody who has shown that the installation is theirs.
 */
import { type Database, githubLinkQueries, outboxQueries, type Tx } from '@skein/db'
import { safeRepoPath } from '@skein/git-model'
import { type GithubStatus, type LinkGithub, Refusal, type WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { isBranchName } from '../../policies/branch-name.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { isInstanceAdmin } from '../github-app/instance-admin.ts'
import type { GithubApi } from './github-api.ts'
import type { GithubRepository } from './github-host.ts'
import {
  alreadyLinked,
  failureToRefusal,
  foreignInstallation,
  notLinked,
  unclaimedInstallation,
} from './link-refusals.ts'
import { lockLink } from './lock-link.ts'
import { readGithubStatus } from './read-status.ts'

export interface LinkDeps {
  db: Database
  api: Pick<GithubApi, 'readRepository'>
  /** Whether a GitHub App is set up; it may come and go while Skein runs. */
  hasApp: () => Promise<boolean>
  record: RecordEvent
  /** Whoever reaches this instance is trusted with its installations: it answers on localhost only. */
  isLocal: boolean
}

/** Links the project; what is on either side goes to the other at once. The branch is the repository's default branch unless another is named. */
export async function linkProject(
  deps: LinkDeps,
  project: ProjectKey,
  actor: Actor,
  input: LinkGithub,
): Promise<GithubStatus> {
  await deps.db.inWorkspace(project.workspaceId, async (tx) => {
    if ((await githubLinkQueries.findGithubLink(tx, project.projectId)) !== null) throw alreadyLinked()
  })
  const repository = await readLinkable(deps, project.workspaceId, actor, input)
  return deps.db.inWorkspace(project.workspaceId, async (tx) => {
    await insertLink(tx, project, actor, input, repository)
    return tellStatus(deps.record, tx, project)
  })
}

/** Asks GitHub for the repository that is to be linked, after whatever can be refused without it. @throws Refusal */
export async function readLinkable(
  { db, api, hasApp, isLocal }: LinkDeps,
  workspace: WorkspaceId,
  actor: Actor,
  input: LinkGithub,
): Promise<GithubRepository> {
  if (!(await hasApp())) {
    throw new Refusal('github-not-configured', 'This Skein is not connected to GitHub yet.', {
      hint: 'Its admin sets up the GitHub App.',
    })
  }
  if (input.branch !== undefined && !isBranchName(input.branch)) {
    throw new Refusal('invalid-request', `“${input.branch}” cannot be the name of a branch.`, {
      hint: 'Leave it out to use the default branch.',
    })
  }
  const mayClaim = isLocal || (await isInstanceAdmin(db.instance, actor))
  await db.inWorkspace(workspace, async (tx) => {
    const owner = await githubLinkQueries.findInstallationOwner(tx, input.installationId)
    if (owner === null && !mayClaim) throw unclaimedInstallation()
    if (owner !== null && owner !== workspace) throw foreignInstallation()
  })
  const read = await api.readRepository(input, new AbortController().signal)
  if (!read.ok) throw failureToRefusal(read.failure)
  if (read.value.archived) throw failureToRefusal({ kind: 'archived' }, read.value.fullName)
  return read.value
}

/** Makes the link, and asks the worker to bring both sides together. @throws Refusal */
export async function insertLink(
  tx: Tx,
  project: ProjectKey,
  actor: Actor,
  input: LinkGithub,
  { fullName, htmlUrl, defaultBranch }: GithubRepository,
): Promise<void> {
  const { installationId, repositoryId, branch = defaultBranch, directory = '', mode = 'protected_pr' } = input
  checkFolder(directory)
  // Locks the project: a commit that is made meanwhile is either the head that is looked at, or sees the link.
  if ((await lockLink(tx, project.projectId)) !== null) throw alreadyLinked()
  if (!(await githubLinkQueries.claimInstallation(tx, installationId, project.workspaceId))) throw foreignInstallation()
  const other = await githubLinkQueries.findProjectOfBranch(tx, repositoryId, branch, directory)
  if (other !== null && other !== project.projectId) {
    throw new Refusal(
      'already-linked',
      `Another project of this workspace is linked to ${directory === '' ? '' : `the folder ${directory} on `}the branch ${branch} of ${fullName}.`,
      { hint: 'Name another branch or folder, or unlink that project first.', details: { project: other } },
    )
  }
  const names = { fullName, htmlUrl, branch, defaultBranch, directory }
  const link = { ...project, installationId, repositoryId, ...names, mode, createdBy: actor.userId }
  await githubLinkQueries.insertGithubLink(tx, link)
  await outboxQueries.askCheck(tx, project.projectId, { reason: 'link' })
}

/** Empty: the whole repository. @throws Refusal invalid-path */
function checkFolder(directory: string): void {
  const safe = directory === '' ? null : safeRepoPath(directory)
  if (safe === null || safe.ok) return
  throw new Refusal('invalid-path', `“${directory.slice(0, 100)}” cannot be a folder. ${safe.message}`, {
    hint: 'Name a folder of the repository, such as “docs”, or leave it out to link the whole of it.',
    details: { rule: safe.code },
  })
}

/** Takes the link away; nothing changes on GitHub. What it knew is kept, in case the same repository is linked again. */
export function unlinkProject({ db, record }: LinkDeps, project: ProjectKey): Promise<GithubStatus> {
  return db.inWorkspace(project.workspaceId, async (tx) => {
    const link = await lockLink(tx, project.projectId)
    if (link === null) throw notLinked()
    await githubLinkQueries.deleteGithubLink(tx, project.projectId)
    await outboxQueries.dropSync(tx, project.projectId)
    await githubLinkQueries.releaseInstallation(tx, link.installationId, project.workspaceId)
    return tellStatus(record, tx, project)
  })
}

/** Where the project stands now, also told to whoever has it open. */
export async function tellStatus(record: RecordEvent, tx: Tx, project: ProjectKey): Promise<GithubStatus> {
  const github = await readGithubStatus(tx, project.projectId)
  await record(tx, project, { type: 'sync', github })
  return github
}
