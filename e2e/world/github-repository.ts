/** Repositories on the stand-in for GitHub, as the stories need them. */
import type { Github } from './github/client.ts'

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
  const installation = await github.control<{ id: number }>('POST', 'installations', {})
  const made = await github.control<{ id: number; owner: string; name: string }>('POST', 'repositories', {
    installationId: installation.id,
    name,
    ...(files ? { files } : {}),
  })
  return { id: made.id, installationId: installation.id, fullName: `${made.owner}/${made.name}` }
}

/** The commit of a branch there, or null. */
export async function headOf(github: Github, repository: RemoteRepository, branch = 'main'): Promise<string | null> {
  const { oid } = await github.control<{ oid: string | null }>('POST', `repositories/${repository.id}/ref`, {
    ref: `refs/heads/${branch}`,
  })
  return oid
}
