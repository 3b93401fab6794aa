/**
 * Who a commit is by (SN8). The author is the person who edited most since the last snapshot; the other people are
 * co-authors, those who did more first. Whoever only asked for the snapshot is its author when nobody edited, and is
 * not named beside people who did.
 */
import { type ActorKey, actorKeyToUser, SKEIN, type UserId } from '@skein/protocol'

export interface Authors {
  author: ActorKey
  coAuthors: ActorKey[]
}

/** Chooses authors by number of edits; `askedBy` decides between equals. */
export function chooseAuthors(edits: ReadonlyMap<ActorKey, number>, askedBy: ActorKey | null): Authors {
  const rank = (actor: ActorKey): number => (edits.get(actor) ?? 0) + (actor === askedBy ? 0.5 : 0)
  const people = [...edits.keys()].filter((actor) => actorKeyToUser(actor) !== null)
  people.sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1))
  const [first, ...others] = people
  return { author: first ?? askedBy ?? SKEIN, coAuthors: others }
}

/** The address that stands in commits: private ones never leave. */
export function noReplyAddress(actor: ActorKey, host: string): string {
  const user: UserId | null = actorKeyToUser(actor)
  return user === null ? `skein@noreply.${host}` : `${user}@users.noreply.${host}`
}
