/** Repositories on the stand-in for GitHub, as the stories need them. */
import type { Github } from './github/client.ts'

/** What Skein's own App asks for. */
const everyPermission = {
  contents: 'write',
  pull_requests: 'write',
  workflows: 'write',
  checks: 'read',
  statuses: 'read',
} as const

export interface RemoteRepository {
  id: number
  installationId: number
  fullName: string
}

/** An installation with one empty private repository, or one with a first commit of `files`. */
export async function createRepository(
  github: Github,
  name: string,
  files?: { path: string; content: string }[],
): Promise<RemoteRepository> {
  const installation = await github.createInstallation({ permissions: everyPermission })
  const made = await github.createRepository({ installationId: installation.id, name, ...(files ? { files } : {}) })
  return { id: made.id, installationId: installation.id, fullName: `${made.owner}/${made.name}` }
}

/** The commit of a branch there, or null. */
export const headOf = (github: Github, { id }: RemoteRepository, branch = 'main'): Promise<string | null> =>
  github.readRef(id, `refs/heads/${branch}`)
