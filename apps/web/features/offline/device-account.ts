// Who was signed in here last, so that their projects open without the server. Forgotten at signing out and as soon as the
// server says that nobody is signed in; somebody else's sign-in takes its place.

import { Me } from '@skein/protocol'

const storageKey = 'skein-me'

/** Keeps who is signed in. */
export function rememberAccount(me: Me): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(me))
  } catch {
    // A browser that keeps nothing opens nothing without the server.
  }
}

/** Who was signed in when the server answered last; null for nobody. */
export function rememberedAccount(): Me | null {
  try {
    const parsed = Me.safeParse(JSON.parse(localStorage.getItem(storageKey) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function forgetAccount(): void {
  try {
    localStorage.removeItem(storageKey)
  } catch {
    // Nothing was kept.
  }
}
