// Which files are open, as data: their order, the current one, and which were looked at last (for closing and for the
// palette). Kept per project and user on this device.

/** Files by id. `recent` starts with the current one and may hold files that are closed. */
export type Tabs = { open: readonly string[]; current: string | null; recent: readonly string[] }

export const noTabs: Tabs = { open: [], current: null, recent: [] }

const openMax = 50
const recentMax = 60

const toFront = (ids: readonly string[], id: string): string[] =>
  [id, ...ids.filter((other) => other !== id)].slice(0, recentMax)

/** Shows a file; a new one stands right of the current one. Beyond 50 the one not looked at for longest goes. */
export function openTab(tabs: Tabs, id: string): Tabs {
  if (tabs.current === id && tabs.recent[0] === id && tabs.open.includes(id)) return tabs
  const recent = toFront(tabs.recent, id)
  if (tabs.open.includes(id)) return { ...tabs, current: id, recent }
  const at = tabs.current === null ? tabs.open.length : tabs.open.indexOf(tabs.current) + 1
  let open = [...tabs.open.slice(0, at), id, ...tabs.open.slice(at)]
  if (open.length > openMax) {
    const age = (candidate: string): number => {
      const place = recent.indexOf(candidate)
      return place === -1 ? recentMax : place
    }
    const oldest = open
      .filter((candidate) => candidate !== id)
      .reduce((old, next) => (age(next) >= age(old) ? next : old))
    open = open.filter((candidate) => candidate !== oldest)
  }
  return { open, current: id, recent }
}

/** Closes a file; if it was the current one, the one looked at before it is shown. */
export function closeTab(tabs: Tabs, id: string): Tabs {
  const open = tabs.open.filter((other) => other !== id)
  if (tabs.current !== id) return { ...tabs, open }
  const before = tabs.recent.find((other) => other !== id && open.includes(other))
  const place = Math.min(tabs.open.indexOf(id), open.length - 1)
  const current = before ?? open[place] ?? null
  return { open, current, recent: current === null ? tabs.recent : toFront(tabs.recent, current) }
}

/** Moves a tab by one place; -1 is left. */
export function moveTab(tabs: Tabs, id: string, by: -1 | 1): Tabs {
  const from = tabs.open.indexOf(id)
  const to = from + by
  if (from === -1 || to < 0 || to >= tabs.open.length) return tabs
  const open = [...tabs.open]
  open.splice(to, 0, ...open.splice(from, 1))
  return { ...tabs, open }
}

/** Drops files that `exists` does not know, after a reload. */
export function keepTabs(tabs: Tabs, exists: (id: string) => boolean): Tabs {
  const open = tabs.open.filter(exists)
  const current = tabs.current !== null && open.includes(tabs.current) ? tabs.current : (open[0] ?? null)
  return { open, current, recent: tabs.recent.filter(exists) }
}

/** Where the tabs of a person in a project are kept. */
export const tabsStorageKey = (userId: string, projectId: string): string => `skein-tabs:${userId}:${projectId}`

/** Reads what `tabsToText` wrote; anything else is no tabs. */
export function textToTabs(text: string | null): Tabs {
  if (text === null) return noTabs
  try {
    const { open, current, recent } = JSON.parse(text) as Partial<Record<keyof Tabs, unknown>>
    const isIds = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((id) => typeof id === 'string')
    if (!isIds(open) || !isIds(recent)) return noTabs
    return {
      open,
      recent,
      current: typeof current === 'string' && open.includes(current) ? current : (open[0] ?? null),
    }
  } catch {
    return noTabs
  }
}

export const tabsToText = (tabs: Tabs): string => JSON.stringify(tabs)
