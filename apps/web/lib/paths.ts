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

/** The settings of a workspace. */
export function workspaceSettingsPath(slug: string): string {
  return `${workspacePath(slug)}/settings`
}

/** The project that an address names as the editor's address does; null for any other page. */
export function pathToReference(pathname: string): string | null {
  const [, p, reference, f] = pathname.split('/')
  if (p !== 'p' || !reference || (f !== undefined && f !== 'f')) return null
  try {
    return decodeURIComponent(reference)
  } catch {
    return null
  }
}
