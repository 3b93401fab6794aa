// Which workspace was looked at last on this device; `/` leads there.

const storageKey = 'skein-workspace'

/** The slug that was remembered; null when there is none or the browser keeps nothing. */
export function lastWorkspace(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

/** Remembers a workspace by its slug. */
export function rememberWorkspace(slug: string): void {
  try {
    localStorage.setItem(storageKey, slug)
  } catch {
    // A browser that keeps nothing starts with the first workspace.
  }
}
