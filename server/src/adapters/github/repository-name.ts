/** Names that GitHub gave are parts of URLs later, so they are looked at before: a name is not a way out of its place in the path. */
import { z } from 'zod'
import { isBranchName } from '../../policies/branch-name.ts'

/** `owner/name`, as GitHub allows both. */
export const RepositoryName = z.string().regex(/^(?!\.{1,2}\/)[\w.-]{1,100}\/(?!\.{1,2}$)[\w.-]{1,100}$/)
export const BranchName = z.string().refine(isBranchName)

/** The two halves of a name; throws on what `RepositoryName` does not let pass. */
export function nameToParts(fullName: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = RepositoryName.parse(fullName).split('/')
  return { owner, repo }
}

/** Where Git finds the repository; `gitUrl` is GITHUB_GIT_URL without a slash at the end. Throws as `nameToParts`. */
export const nameToGitUrl = (gitUrl: string, fullName: string): string =>
  `${gitUrl}/${RepositoryName.parse(fullName)}.git`
