// One sync operation in words: what was done in a few bold ones, the rest beside them. Past tense once it is over.

import type { SyncOperation } from '@skein/protocol'
import { countOf, shortOid, splitSentence } from './sync-words.ts'

export type OperationIcon = 'push' | 'pull' | 'shield' | 'merge' | 'pull-request' | 'event'
export type OperationTone = 'plain' | 'busy' | 'warn' | 'bad'
export type OperationWords = { icon: OperationIcon; tone: OperationTone; title: string; detail: string; oids: string }

function moved({ direction, state, commits }: SyncOperation): string {
  const isPush = direction === 'push'
  const what = commits === null ? null : countOf(commits, 'commit')
  switch (state) {
    case 'running':
      return `${isPush ? 'Pushing' : 'Pulling'}${what ? ` ${what}` : ''}`
    case 'done':
      if (commits === 0) return isPush ? 'Nothing to push' : 'Nothing new on GitHub'
      return `${isPush ? 'Pushed' : 'Pulled'}${what ? ` ${what}` : ''}`
    case 'held':
      return isPush ? 'Push held' : 'Pull held'
    case 'failed':
      return isPush ? 'Push not done' : 'Pull not done'
  }
}

function whereTo({ direction, pullRequest, branch }: SyncOperation): string | null {
  if (direction !== 'push') return null
  return pullRequest !== null ? `to pull request ${pullRequest}` : branch === null ? null : `to ${branch}`
}

/**
 * The rest of the sentence, from the numbers that are known. Why something was held is told whole by the notice while it stands, and by the details;
 * advice that nobody needs any more would stand in the list for ever.
 */
function detailOf(operation: SyncOperation): string {
  const { direction, state, files, conflicts, attempts, error, note } = operation
  const why = error?.message ?? note ?? ''
  if (state === 'held') return splitSentence(why)?.first ?? why
  if (state === 'failed') return why
  const parts = [
    whereTo(operation),
    direction === 'pull' && files !== null ? (files === 0 ? 'no file changed' : countOf(files, 'file')) : null,
    conflicts ? `${countOf(conflicts, 'line')} left for review` : null,
    note,
    attempts > 1 ? `${attempts} attempts` : null,
  ]
  return parts.filter((part) => part !== null && part !== '').join(', ')
}

/** Where a clause ends, but not within brackets or quotes. */
const clauseEnd = /[.:;] (?![^“(]*[”)])/

/** A told event: its first clause stands out, the rest follows. */
function splitNote(note: string): { title: string; detail: string } {
  const at = note.search(clauseEnd)
  return at < 0
    ? { title: note.replace(/\.$/, ''), detail: '' }
    : { title: note.slice(0, at), detail: note.slice(at + 2) }
}

function eventIcon(note: string): OperationIcon {
  if (/secret|held|let pass/i.test(note)) return 'shield'
  if (/merged|squash|rebase/i.test(note)) return 'merge'
  return /pull request/i.test(note) ? 'pull-request' : 'event'
}

const tones: Record<SyncOperation['state'], OperationTone> = {
  running: 'busy',
  done: 'plain',
  held: 'warn',
  failed: 'bad',
}

/** How one operation stands in the list. */
export function describeOperation(operation: SyncOperation): OperationWords {
  const { direction, note, oidBefore, oidAfter, state } = operation
  const oids = [oidBefore, oidAfter].flatMap((oid) => (oid ? [shortOid(oid)] : []))
  const shared = { tone: tones[state], oids: oids[0] === oids[1] ? (oids[0] ?? '') : oids.join(' → ') }
  if (direction === 'event') {
    const text = note ?? operation.error?.message ?? 'Something changed on GitHub'
    return { ...shared, ...splitNote(text), icon: eventIcon(text) }
  }
  return { ...shared, icon: direction, title: moved(operation), detail: detailOf(operation) }
}

/** When it was, as short as a column allows: "09:12", "Yesterday", "3 October". */
export function formatWhen(instant: string, now: Date): string {
  const time = new Date(instant)
  const dayOf = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  const days = Math.round((dayOf(now) - dayOf(time)) / 86_400_000)
  if (days <= 0) return time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (days === 1) return 'Yesterday'
  return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

const triggers: Record<string, string> = {
  snapshot: 'a commit here',
  link: 'the link was made',
  person: 'somebody asked',
  webhook: 'GitHub told of it',
  poll: 'a look at GitHub',
  start: 'Skein started',
  retry: 'another try',
  conflict: 'the last line was decided',
  secret: 'a possible secret was let pass',
  import: 'the project was imported',
}

/** Why it began. */
export const triggerToWords = (trigger: string): string => triggers[trigger] ?? trigger

/** How long it took, null while it goes on. */
export function durationToWords({ startedAt, finishedAt }: SyncOperation): string | null {
  if (finishedAt === null) return null
  const ms = Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt))
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}
