// A knot on the thread of facts. Its shape carries the meaning as well as its colour (disc, ring, pulsing disc,
// diamond, square), and a word always stands beside it.

export type KnotKind = 'done' | 'open' | 'busy' | 'warn' | 'bad'

const kindClasses: Record<KnotKind, string> = {
  done: 'knot',
  open: 'knot knot-open',
  busy: 'knot knot-busy',
  warn: 'knot knot-warn',
  bad: 'knot knot-bad',
}

/** One knot; filled (`done`) only when everything before it on its thread is done. */
export function Knot({ kind }: { kind: KnotKind }) {
  return <span className={kindClasses[kind]} aria-hidden="true" />
}
