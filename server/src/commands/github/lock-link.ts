/**
 * The link of a project, locked together with the project's row, and that one first, as whoever makes a commit does: the two never wait for
 * each other, and a commit is either seen by whoever holds the lock or sees the link.
 */
import { githubLinkQueries, projectQueries, type Tx } from '@skein/db'
import type { ProjectId } from '@skein/protocol'

/** Null when the project is not linked, in which case its row is locked all the same, or deleted. */
export async function lockLink(tx: Tx, project: ProjectId): Promise<githubLinkQueries.GithubLinkRow | null> {
  return (await projectQueries.lockProject(tx, project)) ? githubLinkQueries.lockGithubLink(tx, project) : null
}
