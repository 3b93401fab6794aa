// From states to words. A knot is filled only when everything before it on the thread is done; otherwise a fact speaks of
// the past. The words are those of the table in the interface design and are used for nothing else.

import type { GithubStatus, ProjectStatus } from '@skein/protocol'
import type { KnotKind } from '../../components/knot.tsx'
import type { SavedState } from './saved-machine.ts'

/** One fact on the thread. */
export type Fact = { knot: KnotKind; words: string }

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
const shortOid = (oid: string): string => oid.slice(0, 7)

/** The first fact. */
export function savedFact(state: SavedState): Fact {
  switch (state.kind) {
    case 'opening':
      return { knot: 'busy', words: 'Opening' }
    case 'saved':
      return { knot: 'done', words: 'Saved' }
    case 'saving':
      return { knot: 'busy', words: 'Saving…' }
    case 'reconnecting':
      return { knot: 'busy', words: 'Reconnecting' }
    case 'offline':
      return {
        knot: 'warn',
        words: state.changes > 0 ? `Offline, ${count(state.changes, 'change')} on this device` : 'Offline',
      }
    case 'not-saved':
      return { knot: 'bad', words: 'Not saved' }
  }
}

/** The second fact; `isSaved` says whether the knot before it is filled. */
export function committedFact(status: Pick<ProjectStatus, 'head' | 'changedFiles'>, saved: SavedState): Fact {
  const { head, changedFiles } = status
  const isAway = saved.kind === 'offline' || saved.kind === 'reconnecting' || saved.kind === 'not-saved'
  if (changedFiles.count > 0 && !isAway) return { knot: 'open', words: `${count(changedFiles.count, 'file')} changed` }
  if (!head) return { knot: 'open', words: 'No commit yet' }
  if (saved.kind === 'saved' && changedFiles.count === 0) {
    return { knot: 'done', words: `Committed ${shortOid(head.oid)}` }
  }
  return { knot: 'open', words: `Last commit ${shortOid(head.oid)}` }
}

function lastPush(github: GithubStatus, formatTime: (instant: string) => string): Fact {
  return { knot: 'open', words: github.pushedAt ? `Last push ${formatTime(github.pushedAt)}` : 'Nothing pushed yet' }
}

/** What keeps a push back until a person has decided; null when nothing does. */
function needOfPerson(github: GithubStatus): string | null {
  const goesElsewhere = github.overlaps === 'branch' && github.state !== 'held'
  if (github.openConflicts > 0 && !goesElsewhere)
    return `${count(github.openConflicts, 'line')} to review before pushing`
  if (github.state !== 'held') return null
  const { reason, pullRequest } = github
  if (reason?.code.includes('secret')) return 'Push held, possible secret'
  if (pullRequest?.state === 'closed') return `Pull request ${pullRequest.number} closed`
  return 'Push held'
}

/**
 * What waits for a person in as few words as fit beside the first fact on a phone; null when nothing does. While the first fact itself needs the
 * room, because work is not saved, the details tell it.
 */
export function needInShort(github: GithubStatus, saved: SavedState): string | null {
  if (saved.kind === 'offline' || saved.kind === 'not-saved' || saved.kind === 'reconnecting') return null
  if (github.state === 'not-linked' || github.state === 'paused' || needOfPerson(github) === null) return null
  if (github.openConflicts > 0) return `${github.openConflicts} to review`
  return github.reason?.code.includes('secret') ? 'Secret?' : 'Held'
}

/** The third fact; `formatTime` turns an instant into a short local time. */
export function pushedFact(
  status: Pick<ProjectStatus, 'head' | 'github'>,
  committed: Fact,
  formatTime: (instant: string) => string,
): Fact {
  const { github, head } = status
  const isCommitted = committed.knot === 'done'
  if (github.state === 'not-linked') return { knot: 'open', words: 'Not linked to GitHub' }
  if (github.state === 'paused') return { knot: 'warn', words: 'Sync paused' }
  const need = needOfPerson(github)
  if (need !== null) return { knot: 'warn', words: need }
  switch (github.state) {
    case 'waiting': {
      if (!isCommitted) return lastPush(github, formatTime)
      const waiting = `${count(github.waitingCommits, 'commit')} waiting`
      return github.reason ? { knot: 'warn', words: `GitHub away, ${waiting}` } : { knot: 'busy', words: waiting }
    }
    case 'held':
    case 'pushed':
      return isCommitted && github.pushedOid === head?.oid
        ? { knot: 'done', words: 'Pushed' }
        : lastPush(github, formatTime)
  }
}

/** What stands behind the third fact, for its details: what is safe first. */
export function explainPushed(github: GithubStatus): string {
  switch (github.state) {
    case 'not-linked':
      return 'This project has its own Git history and can be cloned from Skein.'
    case 'paused':
      return `${github.pausedBy ?? 'Somebody'} paused the sync. Editing and committing go on; nothing goes to GitHub or comes from it by itself.`
    case 'waiting':
    case 'held':
      if (github.openConflicts > 0) {
        return 'Nothing was overwritten. Editing and committing go on; pushing waits, because it would undo the other side.'
      }
      return github.reason?.message ?? 'What is committed is on its way to GitHub.'
    case 'pushed':
      return github.pushedOid
        ? 'GitHub has confirmed this commit.'
        : 'Nothing was committed since the project was linked.'
  }
}

/** What stands behind the first fact, for its details: what is safe first. */
export function explainSaved(state: SavedState): string {
  switch (state.kind) {
    case 'opening':
      return 'The file is being opened.'
    case 'saved':
      return 'Every edit is stored. Nothing typed here is lost by closing the page or by a restart.'
    case 'saving':
      return 'An edit is on its way to the database.'
    case 'reconnecting':
      return 'What was saved stays saved. Edits are sent as soon as both sides are in touch again.'
    case 'offline':
      return state.changes > 0
        ? 'Your changes are stored on this device and are sent when the network is back.'
        : 'Typing goes on and is kept on this device until the network is back.'
    case 'not-saved':
      return explainNotSaved(state.cause)
  }
}

/** Why neither server nor device could store, and what to do. */
export function explainNotSaved(cause: Extract<SavedState, { kind: 'not-saved' }>['cause']): string {
  switch (cause) {
    case 'full':
      return 'Neither Skein nor this device could store them: the disk of this device is full. Copy them before you close the page. We keep trying.'
    case 'unavailable':
      return 'Skein is out of reach, and this browser gives the page no storage. Copy them before you close the page. We keep trying.'
    case 'too-large':
      return 'The last change is larger than Skein takes at once. Copy it, undo it, and add it in smaller pieces.'
    case 'rejected':
      return 'Skein does not take the last changes as this page sends them, however often it tries. Copy them, reload the page, and add what is missing.'
    case 'denied':
      return 'You may no longer change this file. Your last changes stay on this device; copy them to have them elsewhere.'
  }
}

/** What screen readers hear when pushing starts to wait for somebody, or goes on; null for nothing. */
export function announcementOfGithub(before: GithubStatus, after: GithubStatus): string | null {
  const [was, is] = [before, after].map((github) => (github.state === 'paused' ? 'Sync paused' : needOfPerson(github)))
  if (is === was) return null
  return is ?? (after.state === 'not-linked' ? null : 'Pushing goes on')
}

/** What screen readers hear when the state changes, or null for nothing. */
export function announcementOf(state: SavedState): { words: string; isUrgent: boolean } | null {
  switch (state.kind) {
    case 'saved':
    case 'offline':
    case 'reconnecting':
      return { words: savedFact(state).words, isUrgent: false }
    case 'not-saved':
      return { words: 'Not saved. Copy your text.', isUrgent: true }
    case 'opening':
    case 'saving':
      return null
  }
}
