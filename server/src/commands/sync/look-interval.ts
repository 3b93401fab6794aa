/**
 * When to look at GitHub next while nobody tells of anything (GS1): often while people look, rarely when nothing has happened for long. And how old may
 * be what its API said (GS3): the API is counted for a whole installation, so projects that nothing happens in spend next to nothing of it.
 */
import type { Link } from './round.ts'

export const viewedEveryMs = 30_000
const activeEveryMs = 2 * 60_000
const idleEveryMs = 15 * 60_000
/** Open pages tell of themselves every 20 seconds. */
const viewersGoneMs = 60_000
const activeMs = 30 * 60_000

const apiActiveEveryMs = 10 * 60_000
const apiHeldEveryMs = 60 * 60_000
const apiIdleEveryMs = 12 * 60 * 60_000
/** Below this share of its calls an installation asks a sixth as often. */
const fewCallsLeft = 0.25
const saving = 6

type Activity = Pick<Link, 'viewedAt' | 'pushedAt'>

const sinceMs = (at: Date | null, now: Date): number =>
  at === null ? Number.POSITIVE_INFINITY : now.getTime() - at.getTime()

const isActive = ({ viewedAt, pushedAt }: Activity, now: Date): boolean =>
  Math.min(sinceMs(viewedAt, now), sinceMs(pushedAt, now)) < activeMs

/** @param spread from 0 to 1: looks of many projects do not come together */
export function nextLook(link: Activity, now: Date, spread: number): Date {
  const everyMs =
    sinceMs(link.viewedAt, now) < viewersGoneMs ? viewedEveryMs : isActive(link, now) ? activeEveryMs : idleEveryMs
  return new Date(now.getTime() + everyMs * (0.9 + spread / 5))
}

/** Whether the API's answer is too old. @param callsLeft what the installation has left of its calls, from 0 to 1 */
export function isApiDue(link: Activity & Pick<Link, 'state' | 'apiCheckedAt'>, now: Date, callsLeft: number): boolean {
  const everyMs = isActive(link, now) ? apiActiveEveryMs : link.state === 'held' ? apiHeldEveryMs : apiIdleEveryMs
  return sinceMs(link.apiCheckedAt, now) > everyMs * (callsLeft < fewCallsLeft ? saving : 1)
}
