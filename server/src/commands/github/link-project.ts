/**
 * Linking a project to a GitHub repository, taking the link away, and asking for another try. An installation of the App belongs to the
 * workspace that linked a repository of it first: who may push there is decided on GitHub for the App as a whole, not for each person here.
 * Nothing on GitHub's side tells yet that somebody here owns an installation, so on a public instance its admin makes that first link.
 */
import { type Database, githubLinkQueries, instanceQueries, outboxQueries, projectQueries, type Tx } from '@skein/db'
import { type GithubStatus, type LinkGithub, Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { isBranchName } from '../../policies/branch-name.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'
import { describeFailure } from './describe-failure.ts'
import type { GithubFailure, GithubHost, GithubRepository } from './github-host.ts'
import { lockLink } from './lock-link.ts'
import { readGithubStatus } from './read-status.ts'

export interface LinkDeps {
  db: Database
  /** Null: no GitHub App is set up. */
  host: GithubHost | null
  record: RecordEvent
  /** Whoever reaches this instance is trusted with its installations: it answers on localhost only. */
  isLocal: boolean
}

/** Links the project, and pushes what is committed. The branch is the repository's default branch unless another is named. */
export async function linkProject(
  deps: LinkDeps,
  project: ProjectKey,
  actor: Actor,
  input: LinkGithub,
): Promise<GithubStatus> {
  const { db, host, isLocal } = deps
  if (host === null) {
    throw new Refusal('github-not-configured', 'This Skein is not connected to GitHub yet.', {
      hint: 'The operator sets GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.',
    })
  }
  if (input.branch !== undefined && !isBranchName(input.branch)) {
    throw new Refusal('invalid-request', `“${input.branch}” cannot be the name of a branch.`, {
      hint: 'Leave it out to use the default branch.',
    })
  }
  const mayClaim = isLocal || (await instanceQueries.findInstanceAdmin(db.instance)) === actor.userId
  await db.inWorkspace(project.workspaceId, async (tx) => {
    if ((await githubLinkQueries.findGithubLink(tx, project.projectId)) !== null) throw alreadyLinked()
    const owner = await githubLinkQueries.findInstallationOwner(tx, input.installationId)
    if (owner === null && !mayClaim) throw unclaimedInstallation()
    if (owner !== null && owner !== project.workspaceId) throw foreignInstallation()
  })
  const read = await host.readRepository(input, new AbortController().signal)
  if (!read.ok) throw failureToRefusal(read.failure)
  const repository = read.value
  if (repository.archived) throw failureToRefusal({ kind: 'archived' }, repository.fullName)
  return db.inWorkspace(project.workspaceId, (tx) => insertLink(deps, tx, project, actor, input, repository))
}

async function insertLink(
  { record }: LinkDeps,
  tx: Tx,
  project: ProjectKey,
  actor: Actor,
  { installationId, repositoryId, branch: wanted }: LinkGithub,
  { fullName, htmlUrl, defaultBranch }: GithubRepository,
): Promise<GithubStatus> {
  const branch = wanted ?? defaultBranch
  // Locks the project: a commit that is made meanwhile is either the head that is pushed below, or sees the link.
  if ((await lockLink(tx, project.projectId)) !== null) throw alreadyLinked()
  if (!(await githubLinkQueries.claimInstallation(tx, installationId, project.workspaceId))) throw foreignInstallation()
  const other = await githubLinkQueries.findProjectOfBranch(tx, repositoryId, branch, '')
  if (other !== null && other !== project.projectId) {
    throw new Refusal(
      'already-linked',
      `Another project of this workspace is linked to the branch ${branch} of ${fullName}.`,
      {
        hint: 'Name another branch, or unlink that project first.',
        details: { project: other },
      },
    )
  }
  const link = {
    ...{
      ...project,
      installationId,
      repositoryId,
      fullName,
      htmlUrl,
      branch,
      defaultBranch,
      directory: '',
      mode: 'direct_commit' as const,
    },
    createdBy: actor.userId,
  }
  await githubLinkQueries.insertGithubLink(tx, link)
  await enqueueHead(tx, project, 'link')
  return tellStatus(record, tx, project)
}

/** Takes the link away; nothing changes on GitHub. */
export function unlinkProject({ db, record }: LinkDeps, project: ProjectKey): Promise<GithubStatus> {
  return db.inWorkspace(project.workspaceId, async (tx) => {
    const link = await lockLink(tx, project.projectId)
    if (link === null) throw notLinkedRefusal()
    await githubLinkQueries.deleteGithubLink(tx, project.projectId)
    await outboxQueries.dropSync(tx, project.projectId)
    await githubLinkQueries.releaseInstallation(tx, link.installationId, project.workspaceId)
    return tellStatus(record, tx, project)
  })
}

/** Tries again now, also when pushing was held. */
export function requestSync({ db, record }: LinkDeps, project: ProjectKey): Promise<GithubStatus> {
  return db.inWorkspace(project.workspaceId, async (tx) => {
    if ((await lockLink(tx, project.projectId)) === null) throw notLinkedRefusal()
    await githubLinkQueries.releaseGithubLink(tx, project.projectId)
    await enqueueHead(tx, project, 'person')
    await outboxQueries.hurrySync(tx, project.projectId)
    return tellStatus(record, tx, project)
  })
}

async function enqueueHead(tx: Tx, { projectId }: ProjectKey, trigger: outboxQueries.PushTrigger): Promise<void> {
  const found = await projectQueries.findProject(tx, projectId)
  if (found?.head == null) return
  await outboxQueries.enqueuePush(tx, {
    projectId,
    ref: `refs/heads/${found.defaultBranch}`,
    target: found.head.oid,
    trigger,
  })
}

async function tellStatus(record: RecordEvent, tx: Tx, project: ProjectKey): Promise<GithubStatus> {
  const github = await readGithubStatus(tx, project.projectId)
  await record(tx, project, { type: 'sync', github })
  return github
}

function failureToRefusal(failure: GithubFailure, fullName = 'This repository'): Refusal {
  const { code, message } = describeFailure(failure, fullName)
  const isAway = failure.kind === 'unreachable' || failure.kind === 'rate-limited'
  return new Refusal(isAway ? 'github-unreachable' : 'github-refused', message, {
    hint: isAway
      ? 'Try again in a few minutes.'
      : 'Check the numbers of the installation and the repository, and what the App may do there.',
    details: { reason: code },
  })
}

const alreadyLinked = (): Refusal =>
  new Refusal('already-linked', 'This project is linked to a GitHub repository already.', { hint: 'Unlink it first.' })

const notLinkedRefusal = (): Refusal =>
  new Refusal('not-linked', 'This project is not linked to a GitHub repository.', {
    hint: 'Link it in the settings of the project.',
  })

const unclaimedInstallation = (): Refusal =>
  new Refusal(
    'forbidden',
    'Only the admin of this Skein can connect an installation of the GitHub App for the first time.',
    {
      hint: 'Invite them to this workspace and let them link the project.',
    },
  )

const foreignInstallation = (): Refusal =>
  new Refusal('forbidden', 'This installation of the GitHub App is used by another workspace.', {
    hint: 'Link the project from that workspace, or install the App for another account.',
  })
