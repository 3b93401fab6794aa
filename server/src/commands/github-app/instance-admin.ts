/** What only the admin of the instance may do, in person: no API token carries it. */
import { instanceQueries, type Sql } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'

/** Whether the person is the admin of the instance, and here in person. */
export async function isInstanceAdmin(sql: Sql, actor: Actor): Promise<boolean> {
  return actor.token === null && (await instanceQueries.findInstanceAdmin(sql)) === actor.userId
}

/** Refuses everybody else. */
export async function requireInstanceAdmin(sql: Sql, actor: Actor): Promise<void> {
  if (await isInstanceAdmin(sql, actor)) return
  throw new Refusal('forbidden', 'Only the admin of this Skein may do that, signed in to these pages.', {
    hint: 'The admin is whoever made the first account.',
  })
}
