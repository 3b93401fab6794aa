// The addresses of views, written once.

/** The projects of a workspace. */
export function workspacePath(slug: string): string {
  return `/w/${encodeURIComponent(slug)}`
}

/** The members of a workspace. */
export function membersPath(slug: string): string {
  return `${workspacePath(slug)}/members`
}

/** The editor of a project; it opens the file that was open last, or the first one to read. */
export function projectPath(project: string): string {
  return `/p/${encodeURIComponent(project)}`
}

/** A file in the editor. */
export function filePath(project: string, path: string): string {
  return `${projectPath(project)}/f/${path.split('/').map(encodeURIComponent).join('/')}`
}

/** The settings of a project. */
export function projectSettingsPath(project: string): string {
  return `${projectPath(project)}/settings`
}

/** Where a project is linked to GitHub. */
export function githubSettingsPath(project: string): string {
  return `${projectSettingsPath(project)}#github`
}

/** The link of a project to GitHub, and what happened. */
export function syncPath(project: string): string {
  return `${projectPath(project)}/sync`
}

/** What changed both here and on GitHub, to be decided; one item of it, or the first. */
export function reviewPath(project: string, item?: string): string {
  return `${syncPath(project)}/review${item === undefined ? '' : `/${encodeURIComponent(item)}`}`
}

/** The settings of a workspace. */
export function workspaceSettingsPath(slug: string): string {
  return `${workspacePath(slug)}/settings`
}

/** The installations of the GitHub App in a workspace. */
export function installationsPath(slug: string): string {
  return `${workspaceSettingsPath(slug)}#github`
}

/** GitHub for the whole of this Skein; for its admin. */
export const adminGithubPath = '/admin/github'

/** The project that an address of the workbench (its files, sync) names; null for any other page. */
export function pathToReference(pathname: string): string | null {
  const [, p, reference, view] = pathname.split('/')
  if (p !== 'p' || !reference || (view !== undefined && view !== 'f' && view !== 'sync')) return null
  try {
    return decodeURIComponent(reference)
  } catch {
    return null
  }
}
