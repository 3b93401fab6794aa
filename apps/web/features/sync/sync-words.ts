// The words of the link to GitHub: how work leaves, what happens to overlaps, what the foot of the page tells. Numbers and
// names come from the status; nothing here claims more than it says.

import type { GithubStatus, OverlapPolicy, SyncMode } from '@skein/protocol'
import { formatAgo } from '../../lib/time.ts'

export const countOf = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
export const shortOid = (oid: string): string => oid.slice(0, 7)

/** The first sentence of a message and the rest of it; null when it does not begin with a short one. */
export function splitSentence(message: string): { first: string; rest: string } | null {
  const [, first, rest] = message.match(/^(.{1,160}?[.!?…])(?:\s+([\s\S]*))?$/) ?? []
  return first ? { first, rest: rest ?? '' } : null
}

/** How work leaves, in the order in which it is offered; the words end the sentence that the label begins. */
export const modeChoices: readonly { value: SyncMode; label: string; meaning: string }[] = [
  {
    value: 'protected_pr',
    label: 'By pull request',
    meaning: 'Commits go to a branch of Skein’s own, and one pull request asks to merge them.',
  },
  {
    value: 'hybrid',
    label: 'Directly, else by pull request',
    meaning: 'Commits go to the branch when GitHub takes them there, and by pull request when it does not.',
  },
  { value: 'direct_commit', label: 'Directly to the branch', meaning: 'Every commit goes to the branch itself.' },
]

/** What happens to lines that changed here and on GitHub. */
export const overlapChoices: readonly { value: OverlapPolicy; label: string; meaning: string }[] = [
  {
    value: 'ask',
    label: 'Somebody decides',
    meaning: 'They are listed here, and pushing waits until they are decided.',
  },
  { value: 'theirs', label: 'GitHub’s lines stand', meaning: 'Ours stay in the history and can be brought back.' },
  { value: 'ours', label: 'Our lines stand', meaning: 'GitHub’s stay in the history and can be brought back.' },
  {
    value: 'branch',
    label: 'Ours go to a pull request',
    meaning: 'They are listed here, and pushing goes on into a pull request meanwhile.',
  },
]

export function labelOf<Value extends string>(
  choices: readonly { value: Value; label: string }[],
  value: Value,
): string {
  return choices.find((choice) => choice.value === value)?.label ?? value
}

/** A moment ago in seconds, then as everywhere: "20 s ago", "2 min ago". */
export function formatSeconds(instant: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - new Date(instant).getTime()) / 1_000)
  if (seconds < 5) return 'just now'
  return seconds < 60 ? `${seconds} s ago` : formatAgo(instant, now)
}

const passing: readonly string[] = ['github-away', 'github-rate-limited', 'github-unauthorized', 'github-declined']

/** Whether GitHub answers, for the foot. */
export function answerToWords({ state, reason, remote }: GithubStatus): string {
  if (state === 'paused') return 'Sync is paused'
  if (reason?.code === 'github-rate-limited') return 'GitHub asks to slow down'
  if (reason && passing.includes(reason.code)) return 'GitHub is away'
  return remote?.checkedAt ? 'GitHub answers' : 'GitHub was not asked yet'
}

/** Calls that are left, with the time at which there are all of them again. */
export function quotaToWords(quota: NonNullable<GithubStatus['quota']>, now: Date): string {
  const [left, limit] = [quota.left, quota.limit].map((number) => number.toLocaleString('en-GB'))
  const minutes = quota.resetsAt ? Math.ceil((new Date(quota.resetsAt).getTime() - now.getTime()) / 60_000) : 0
  const until = quota.left < quota.limit / 10 && minutes > 0 ? `, all of them in ${minutes} min` : ' this hour'
  return `${left} of ${limit} requests left${until}`
}

/** When GitHub is looked at next: the step between two looks says how busy the project is. */
export function checkToWords({ state, remote }: GithubStatus): string {
  if (state === 'paused') return 'Does not look at GitHub while paused'
  const { checkedAt, nextCheckAt } = remote ?? {}
  if (!checkedAt || !nextCheckAt) return 'Looks at GitHub when something happens'
  const seconds = Math.round((new Date(nextCheckAt).getTime() - new Date(checkedAt).getTime()) / 1_000)
  if (seconds <= 45) return 'Checks every 30 s while someone is here'
  return `Checks every ${Math.max(1, Math.round(seconds / 60))} min, and when GitHub tells of a push`
}

/** How many things of the link wait for a person; the number beside “Sync”. */
export function countNeeds(github: GithubStatus | undefined): number {
  if (!github || github.state === 'not-linked' || github.state === 'paused') return 0
  if (github.openConflicts > 0) return github.openConflicts
  return github.state === 'held' ? 1 : 0
}
