/** When to look at GitHub next while nobody tells of anything (GS1): often while people look, rarely when nothing has happened for long. */
import type { Link } from './round.ts'

export const viewedEveryMs = 30_000
const activeEveryMs = 2 * 60_000
const idleEveryMs = 15 * 60_000
/** Open pages tell of themselves every 20 seconds. */
const viewersGoneMs = 60_000
const activeMs = 30 * 60_000

/** @param spread from 0 to 1: looks of many projects do not come together */
export function nextLook(link: Pick<Link, 'viewedAt' | 'pushedAt'>, now: Date, spread: number): Date {
  const since = (at: Date | null): number => (at === null ? Number.POSITIVE_INFINITY : now.getTime() - at.getTime())
  const everyMs =
    since(link.viewedAt) < viewersGoneMs
      ? viewedEveryMs
      : Math.min(since(link.viewedAt), since(link.pushedAt)) < activeMs
        ? activeEveryMs
        : idleEveryMs
  return new Date(now.getTime() + everyMs * (0.9 + spread / 5))
}
