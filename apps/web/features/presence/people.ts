// Who is here, as data: from the presence of the project and the awareness of open documents to avatars in the top bar and
// dots beside files.

import type { AwarenessUser, Person } from '@skein/protocol'

/** Somebody who has the project open, and in which files they are, as the project's events tell. */
export type PresentPerson = { person: Person; fileIds: readonly string[] }

/** Somebody as the page shows them: an avatar, or a dot in their colour. */
export type PersonHere = { id: string; name: string; colour: number; isIdle: boolean; fileIds: readonly string[] }

/** Without input for this long, in milliseconds, somebody is idle. */
export const IDLE_AFTER_MS = 60_000

type AwarenessState = { user?: AwarenessUser; idle?: boolean }

/** The users of whom every window says that it is idle. */
export function idleUsers(states: Iterable<Readonly<Record<string, unknown>>>): ReadonlySet<string> {
  const isIdleByUser = new Map<string, boolean>()
  for (const state of states as Iterable<AwarenessState>) {
    if (!state.user) continue
    isIdleByUser.set(state.user.id, (isIdleByUser.get(state.user.id) ?? true) && state.idle === true)
  }
  return new Set([...isIdleByUser].filter(([, isIdle]) => isIdle).map(([id]) => id))
}

/** Everybody but oneself who has the project open, by name. */
export function othersHere(people: readonly PresentPerson[], idle: ReadonlySet<string>, ownId: string): PersonHere[] {
  return people
    .filter(({ person }) => person.id !== ownId)
    .map(({ person, fileIds }) => ({
      id: person.id,
      name: person.name,
      colour: person.colour ?? 1,
      isIdle: idle.has(person.id),
      fileIds,
    }))
    .sort((one, other) => one.name.localeCompare(other.name))
}

/** Who is in which file; oneself is in the file that is shown. */
export function peopleByFile(
  people: readonly PresentPerson[],
  idle: ReadonlySet<string>,
  own: { id: string; currentFileId: string | null },
): ReadonlyMap<string, readonly PersonHere[]> {
  const byFile = new Map<string, PersonHere[]>()
  for (const { person, fileIds } of people) {
    const isOwn = person.id === own.id
    const files = isOwn ? (own.currentFileId === null ? [] : [own.currentFileId]) : fileIds
    for (const fileId of files) {
      const here = byFile.get(fileId) ?? []
      byFile.set(fileId, here)
      here.push({
        id: person.id,
        name: isOwn ? `${person.name} (you)` : person.name,
        colour: person.colour ?? 1,
        isIdle: !isOwn && idle.has(person.id),
        fileIds,
      })
    }
  }
  return byFile
}

/** Who came to the current file and who left, in words; null when nobody did. */
export function describeArrivals(
  before: readonly PersonHere[],
  after: readonly PersonHere[],
  name: string,
): string | null {
  const had = new Set(before.map(({ id }) => id))
  const has = new Set(after.map(({ id }) => id))
  const came = after.filter(({ id }) => !had.has(id)).map((person) => person.name)
  const left = before.filter(({ id }) => !has.has(id)).map((person) => person.name)
  if (came.length > 0) return `${came.join(' and ')} joined ${name}`
  if (left.length > 0) return `${left.join(' and ')} left ${name}`
  return null
}
