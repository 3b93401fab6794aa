// The one registry of keys: palette, menus, tooltips, help and the page of shortcuts read it. A binding is written as
// tinykeys writes it; people can change one, and the change stays on their device.
//
// Never bound: ⌘W ⌘T ⌘N ⌘L ⌘Tab ⌘1–9 (the browser's), Ctrl+Alt with a letter (AltGr), ⌥ with a letter or digit.

export type ShortcutGroup = 'Anywhere' | 'Project' | 'Editor'

/** One action with its key; `keys` in the notation of tinykeys (`$mod` is ⌘ on a Mac, Ctrl elsewhere). */
export type Shortcut = { id: string; group: ShortcutGroup; label: string; keys: string }

export const shortcuts = [
  { id: 'palette', group: 'Anywhere', label: 'Go to file, project or command', keys: '$mod+k' },
  { id: 'shortcuts', group: 'Anywhere', label: 'Show all shortcuts', keys: 'Shift+?' },
  { id: 'close', group: 'Anywhere', label: 'Stop following, close what is open', keys: 'Escape' },
  { id: 'quick-open', group: 'Project', label: 'Go to file', keys: '$mod+p' },
  { id: 'find-in-project', group: 'Project', label: 'Find in all files', keys: '$mod+Shift+f' },
  { id: 'facts', group: 'Project', label: 'Show what is saved, committed and pushed', keys: '$mod+s' },
  { id: 'next-region', group: 'Project', label: 'Move to the next region', keys: 'F6' },
  { id: 'previous-region', group: 'Project', label: 'Move to the previous region', keys: 'Shift+F6' },
  { id: 'next-review', group: 'Project', label: 'Next line or file to review', keys: 'F8' },
  { id: 'previous-review', group: 'Project', label: 'Previous line or file to review', keys: 'Shift+F8' },
  { id: 'review-done', group: 'Project', label: 'Done with this line or file', keys: '$mod+Enter' },
  { id: 'rename', group: 'Project', label: 'Rename the file in the tree', keys: 'F2' },
  { id: 'trash', group: 'Project', label: 'Move the file in the tree to trash', keys: 'Delete' },
  { id: 'find', group: 'Editor', label: 'Search in the file', keys: '$mod+f' },
  { id: 'undo', group: 'Editor', label: 'Undo your last edit', keys: '$mod+z' },
  { id: 'redo', group: 'Editor', label: 'Redo', keys: '$mod+Shift+z' },
] as const satisfies readonly Shortcut[]

export type ShortcutId = (typeof shortcuts)[number]['id']

const storageKey = 'skein-shortcuts'
const changedEvent = 'skein-shortcuts-changed'

function readChanges(): Partial<Record<ShortcutId, string>> {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}')
    return typeof parsed === 'object' && parsed !== null ? (parsed as Partial<Record<ShortcutId, string>>) : {}
  } catch {
    return {}
  }
}

/** The keys that an action has on this device. */
export function shortcutKeys(id: ShortcutId): string {
  const changed = typeof localStorage === 'undefined' ? undefined : readChanges()[id]
  return changed ?? shortcuts.find((shortcut) => shortcut.id === id)?.keys ?? ''
}

/** Gives an action other keys on this device; null gives back its own. */
export function changeShortcut(id: ShortcutId, keys: string | null): void {
  const changes = readChanges()
  if (keys === null) delete changes[id]
  else changes[id] = keys
  localStorage.setItem(storageKey, JSON.stringify(changes))
  window.dispatchEvent(new Event(changedEvent))
}

/** Calls `onChange` when keys change, in this window or another one; returns how to stop. */
export function watchShortcuts(onChange: () => void): () => void {
  window.addEventListener(changedEvent, onChange)
  window.addEventListener('storage', onChange)
  return () => {
    window.removeEventListener(changedEvent, onChange)
    window.removeEventListener('storage', onChange)
  }
}

/** Whether ⌘ is the main modifier of this device. */
export function isMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
}

const macNames: Record<string, string> = { $mod: '⌘', Shift: '⇧', Alt: '⌥', Control: '⌃', Meta: '⌘' }
const plainNames: Record<string, string> = { $mod: 'Ctrl', Control: 'Ctrl', Meta: 'Meta' }
const keyNames: Record<string, string> = {
  Escape: 'Esc',
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
}

/** Keys in the words of a keyboard: `⌘K` on a Mac, `Ctrl K` elsewhere. */
export function formatKeys(keys: string, mac: boolean): string {
  const parts = keys.split('+').map((part) => {
    const name = mac ? macNames[part] : plainNames[part]
    return name ?? keyNames[part] ?? (part.length === 1 ? part.toUpperCase() : part)
  })
  const words = parts.at(-1) === '?' ? ['?'] : parts
  return words.join(mac ? '' : ' ')
}

/** The keys of a press in the notation of the registry; null while only modifiers are down. */
export function eventToKeys(event: {
  key: string
  metaKey: boolean
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
}): string | null {
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'Dead'].includes(event.key)) return null
  const parts: string[] = []
  const isMain = isMac() ? event.metaKey : event.ctrlKey
  if (isMain) parts.push('$mod')
  if (isMac() && event.ctrlKey) parts.push('Control')
  if (!isMac() && event.metaKey) parts.push('Meta')
  if (event.altKey) parts.push('Alt')
  if (event.shiftKey) parts.push('Shift')
  parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key)
  return parts.join('+')
}

/** Whether keys belong to the browser (⌘W …), to AltGr, or to plain typing. */
export function isReserved(keys: string): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1) ?? ''
  const hasMain = parts.includes('$mod') || parts.includes('Control')
  if (/^[wtnl1-9]$/.test(key) && hasMain && !parts.includes('Alt')) return true
  if (/^[a-z0-9]$/.test(key) && parts.includes('Alt')) return true
  return key.length === 1 && key !== '?' && !hasMain && !parts.includes('Meta')
}

/** Another action that has these keys now. */
export function findKeysInUse(keys: string, except: ShortcutId): Shortcut | undefined {
  return shortcuts.find((shortcut) => shortcut.id !== except && shortcutKeys(shortcut.id) === keys)
}
