// The way to GitHub and back. GitHub sends the browser to the settings of the workspace, whatever page one left from; so the
// tab remembers where that was, and which installations there were, to choose the new one.

const key = 'skein-github-return'
/** A tab that comes back later than this has been used for something else. */
const validMs = 60 * 60 * 1000

type Remembered = { workspace: string; path: string | null; known: number[]; at: number }

function read(workspace: string): Remembered | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Remembered | null
    return found && found.workspace === workspace && Date.now() - found.at < validMs ? found : null
  } catch {
    return null
  }
}

function write(value: Remembered): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Without storage one comes back to the settings of the workspace, from where everything can be reached.
  }
}

/** Remembers where one is, and goes to GitHub. `path` is an address of this origin. */
export function leaveForGithub(url: string, from: { workspace: string; path: string; known: readonly number[] }): void {
  write({ ...from, known: [...from.known], at: Date.now() })
  window.location.assign(url)
}

/** Where one left from, once; null when one left from nowhere. */
export function takeReturnPath(workspace: string): string | null {
  const found = read(workspace)
  if (!found?.path) return null
  write({ ...found, path: null })
  return found.path
}

/** Of these installations the one that was not there when one left; null when there is none. */
export function findArrived(workspace: string, installationIds: readonly number[]): number | null {
  const known = read(workspace)?.known
  return (known && installationIds.find((id) => !known.includes(id))) ?? null
}
