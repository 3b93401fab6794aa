// Which edits of a document the server lacks, tab by tab. The tabs of one person share what the device keeps of a document,
// and each of them knows only its own edits and those it has read. So a tab answers for its own part, and the part of
// another falls only when the server has acknowledged a text that holds the last row of it. Pure.

/** Edits of one tab that the server has not acknowledged; the newest of them stands in row `lastRow` of the device. */
type UnsentPart = { edits: number; lastRow: number }

export type UnsentByTab = Readonly<Record<string, UnsentPart>>

/** What a tab knows when it writes: its own edits, and the row up to which the server has everything. */
export type TabAccount = { tab: string; edits: number; sentRow: number }

/** Edits of all tabs. */
export function countUnsent(parts: UnsentByTab): number {
  return Object.values(parts).reduce((sum, { edits }) => sum + edits, 0)
}

/** Edits that other tabs have left, or are about to send. */
export function countUnsentOfOthers(parts: UnsentByTab, tab: string): number {
  return countUnsent(parts) - (parts[tab]?.edits ?? 0)
}

/** The parts after a write of a tab whose newest row is `lastRow`, or null when it wrote none. */
export function mergeUnsent(parts: UnsentByTab, account: TabAccount, lastRow: number | null): UnsentByTab {
  const { tab, edits, sentRow } = account
  const others = Object.entries(parts).filter(([name, part]) => name !== tab && part.lastRow > sentRow)
  const own: [string, UnsentPart][] =
    edits > 0 ? [[tab, { edits, lastRow: lastRow ?? parts[tab]?.lastRow ?? sentRow }]] : []
  return Object.fromEntries([...others, ...own])
}
