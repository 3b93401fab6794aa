// What screen readers are told, and how often: polite words at most once in two seconds, the newest of those that waited;
// urgent ones at once. Pure; the component that speaks keeps the clock.

export const ANNOUNCE_EVERY_MS = 2_000

export type AnnouncerState = { lastAt: number; waiting: string | null }

export const silent: AnnouncerState = { lastAt: Number.NEGATIVE_INFINITY, waiting: null }

/** New words: what to say now (null: nothing yet) and when to ask again in milliseconds (null: not at all). */
export function announce(
  state: AnnouncerState,
  words: string,
  now: number,
): { state: AnnouncerState; say: string | null; againInMs: number | null } {
  const rest = state.lastAt + ANNOUNCE_EVERY_MS - now
  if (rest <= 0) return { state: { lastAt: now, waiting: null }, say: words, againInMs: null }
  return { state: { ...state, waiting: words }, say: null, againInMs: rest }
}

/** The wait is over: what to say now. */
export function resume(state: AnnouncerState, now: number): { state: AnnouncerState; say: string | null } {
  return state.waiting === null ? { state, say: null } : { state: { lastAt: now, waiting: null }, say: state.waiting }
}
