// What somebody has chosen on the way to a link, and what it means in words before anything happens. Pure, so that the sentence
// and the faults can be tested without a page.

import type { GithubInstallation, GithubRepositoryChoice, GithubStatus, LinkGithub, SyncMode } from '@skein/protocol'

/** A repository from the list, or one that was linked before, of which only the name is known. */
export type ChosenRepository = Pick<GithubRepositoryChoice, 'repositoryId' | 'fullName' | 'defaultBranch'> &
  Partial<Pick<GithubRepositoryChoice, 'isEmpty' | 'linked'>>

export type LinkChoice = {
  installationId: number | null
  repository: ChosenRepository | null
  /** As typed; empty means the default branch. */
  branch: string
  /** As typed; empty means the whole repository. */
  directory: string
  mode: SyncMode
}

export type ChoiceFaults = { repository?: string; branch?: string; directory?: string }

export const noChoice: LinkChoice = {
  installationId: null,
  repository: null,
  branch: '',
  directory: '',
  mode: 'protected_pr',
}

/** What was linked before, chosen again, while the workspace still has its installation. */
export function formerToChoice(
  former: GithubStatus['former'],
  installations: readonly GithubInstallation[],
): LinkChoice | null {
  if (!former || !installations.some(({ installationId }) => installationId === former.installationId)) return null
  const { installationId, repositoryId, fullName, branch, directory } = former
  return {
    ...noChoice,
    installationId,
    repository: { repositoryId, fullName, defaultBranch: branch },
    branch,
    directory,
  }
}

const trimSlashes = (directory: string): string => directory.trim().replace(/^\/+|\/+$/g, '')
export const branchOf = ({ branch, repository }: LinkChoice): string => branch.trim() || repository?.defaultBranch || ''

/** Whether it is where the project was linked last: there it goes on where it stopped. */
export function isFormer(choice: LinkChoice, former: GithubStatus['former']): boolean {
  return (
    former != null &&
    choice.repository?.repositoryId === former.repositoryId &&
    branchOf(choice) === former.branch &&
    trimSlashes(choice.directory) === former.directory
  )
}

/** What is wrong with the choice, by field; nothing when it can be sent. `projectId`: whose own link is none of the others'. */
export function checkChoice(choice: LinkChoice, projectId?: string): ChoiceFaults {
  const { repository } = choice
  if (!repository) return { repository: 'Choose a repository from the list.' }
  if (/\s/.test(choice.branch.trim())) return { branch: 'The name of a branch has no spaces.' }
  const directory = trimSlashes(choice.directory)
  if (/\/\//.test(directory)) return { directory: 'Name each folder once, with one slash between them.' }
  const other = repository.linked?.find(
    (link) => link.id !== projectId && link.branch === branchOf(choice) && link.directory === directory,
  )
  if (!other) return {}
  const where = directory === '' ? `the branch ${other.branch}` : `the folder ${directory} on ${other.branch}`
  return { branch: `${other.name} is linked to ${where} already. Name another branch, or unlink ${other.name} first.` }
}

/** The body of the request; the branch is left out where it is the default one, so that it is followed when it is renamed. */
export function choiceToBody(choice: LinkChoice): LinkGithub | null {
  const { installationId, repository, mode } = choice
  if (installationId === null || !repository) return null
  const branch = choice.branch.trim()
  const directory = trimSlashes(choice.directory)
  return {
    installationId,
    repositoryId: repository.repositoryId,
    mode,
    ...(branch && { branch }),
    ...(directory && { directory }),
  }
}

const thenByMode: Record<SyncMode, (branch: string) => string> = {
  protected_pr: (branch) => `From then on commits leave by one pull request to ${branch}.`,
  hybrid: (branch) => `From then on commits go to ${branch}, or by pull request when GitHub does not take them there.`,
  direct_commit: (branch) => `From then on every commit goes to ${branch}.`,
}

/**
 * What happens when it is linked; null while there is nothing to tell yet. `project` is null for one that is made by it; `former` is what it was
 * linked to last.
 */
export function choiceToPlan(
  choice: LinkChoice,
  project: string | null,
  former: GithubStatus['former'] = null,
): string | null {
  const { repository } = choice
  if (!repository) return null
  const branch = branchOf(choice)
  const directory = trimSlashes(choice.directory)
  const place = directory ? `the folder ${directory} on ${branch}` : branch
  const after = thenByMode[choice.mode](branch)
  if (isFormer(choice, former)) {
    return `It goes on where it stopped: what was committed here and on ${place} of ${repository.fullName} since is brought together. ${after}`
  }
  if (repository.isEmpty) {
    return project === null
      ? `${repository.fullName} is empty: the project starts without files, and its first commit goes to ${branch}. ${after}`
      : // What GitHub says of the size may be an hour old.
        `${repository.fullName} is empty: all of ${project} is pushed to ${branch}, with its history. Should it hold something after all, that is pulled first. ${after}`
  }
  if (project === null) return `A project is made from ${place} of ${repository.fullName}, with its history. ${after}`
  return (
    `What is on ${place} of ${repository.fullName} is pulled into ${project}. A file that both sides have with different text ` +
    `keeps both: the lines that differ are listed for review, and nothing is pushed before they are decided. ${after}`
  )
}

const needed: readonly { name: string; level: 'read' | 'write'; what: string }[] = [
  { name: 'contents', level: 'write', what: 'write to repositories' },
  { name: 'pull_requests', level: 'write', what: 'open pull requests' },
]

/** What sync needs and the installation does not permit; nothing while its permissions are not known. */
export function missingPermissions({ permissions }: Pick<GithubInstallation, 'permissions'>): string[] {
  if (Object.keys(permissions).length === 0) return []
  return needed.filter(({ name, level }) => !isGranted(permissions[name], level)).map(({ what }) => what)
}

function isGranted(granted: string | undefined, level: 'read' | 'write'): boolean {
  return granted === 'admin' || granted === 'write' || (level === 'read' && granted === 'read')
}
