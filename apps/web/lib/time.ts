// Times in the words of the interface: "just now", "2 min ago", "yesterday", "3 October". Pure: `now` is handed in, so
// that a list renders all its rows at one moment.

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

function startOfDay(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime()
}

/** A day: "4 January", with its year when that is another one than now's. */
export function formatDay(instant: string, now: Date): string {
  const time = new Date(instant)
  const month = time.toLocaleDateString('en-GB', { month: 'long' })
  const day = `${time.getDate()} ${month}`
  return time.getFullYear() === now.getFullYear() ? day : `${day} ${time.getFullYear()}`
}

/** How long ago something was; never negative, whatever the clocks say. */
export function formatAgo(instant: string, now: Date): string {
  const time = new Date(instant)
  const ageMs = Math.max(0, now.getTime() - time.getTime())
  if (ageMs < minuteMs) return 'just now'
  if (ageMs < hourMs) return `${Math.floor(ageMs / minuteMs)} min ago`
  const days = Math.round((startOfDay(now) - startOfDay(time)) / dayMs)
  if (days <= 0 || ageMs < 6 * hourMs) return `${Math.floor(ageMs / hourMs)} h ago`
  if (days === 1) return 'yesterday'
  if (days < 14) return `${days} days ago`
  return `on ${formatDay(instant, now)}`
}

/** When something ends: "in 5 min", "in 3 days", "on 4 January"; the past is told as such. */
export function formatUntil(instant: string, now: Date): string {
  const time = new Date(instant)
  const restMs = time.getTime() - now.getTime()
  if (restMs <= 0) return formatAgo(instant, now)
  if (restMs < hourMs) return `in ${Math.max(1, Math.round(restMs / minuteMs))} min`
  if (restMs < dayMs) return `in ${Math.round(restMs / hourMs)} h`
  const days = Math.round((startOfDay(time) - startOfDay(now)) / dayMs)
  if (days === 1) return 'tomorrow'
  if (days < 14) return `in ${days} days`
  return `on ${formatDay(instant, now)}`
}

/** The full local time, for titles. */
export function formatExactly(instant: string): string {
  return new Date(instant).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' })
}
