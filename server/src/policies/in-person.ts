/** What somebody answers for, and a program with their API token must not do in their name. */
import { Refusal } from '@skein/protocol'
import type { Actor } from './actor.ts'

/** Refuses API tokens. `what` ends the sentence “Only a person may …”. */
export function requireInPerson(actor: Actor, what: string): void {
  if (actor.token === null) return
  throw new Refusal('forbidden', `Only a person may ${what}, signed in to the pages of Skein; no API token can.`, {
    hint: 'Ask somebody to do it in the browser.',
  })
}
