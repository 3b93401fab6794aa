/**
 * The way of a browser to GitHub and back. What it carries is a random text of 256 bits; whose way it is, and for which workspace, stands in our rows
 * under its hash, so that nothing in an address can be made up, used twice, or used by somebody else.
 */
import { type Database, githubAppQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { hashSecret, makeSecret, type RandomBytes } from '../tokens/token-text.ts'

/** Long enough to fill in GitHub's forms and to sign in there; GitHub's own code lives for an hour. */
const wayMinutes = 30

export interface WayDeps {
  db: Database
  now: () => Date
  randomBytes: RandomBytes
}

/** Begins a way; the text is what GitHub gets as `state` and gives back. */
export async function beginWay(
  { db, now, randomBytes }: WayDeps,
  way: githubAppQueries.GithubStateRow,
): Promise<string> {
  const state = makeSecret(randomBytes)
  const expiresAt = new Date(now().getTime() + wayMinutes * 60_000)
  await githubAppQueries.insertGithubState(db.instance, { ...way, hash: hashSecret(state), expiresAt })
  return state
}

/** Ends a way: whatever comes of it, it is used up. Refuses when it is not this person's, or not this kind. */
export async function endWay(
  { db }: Pick<WayDeps, 'db'>,
  kind: githubAppQueries.GithubStateRow['kind'],
  state: string,
  actor: Actor,
): Promise<githubAppQueries.GithubStateRow> {
  const way = await githubAppQueries.redeemGithubState(db.instance, hashSecret(state))
  if (way === null || way.kind !== kind || way.userId !== actor.userId || actor.token !== null) {
    throw new Refusal('forbidden', 'This way back from GitHub was used already, is too old, or is not yours.', {
      hint: 'Begin again from the page here, in the same browser.',
    })
  }
  return way
}
