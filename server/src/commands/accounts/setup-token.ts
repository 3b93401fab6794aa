/**
 * The first account of an instance becomes its admin. On an instance that others can reach, whoever comes first might be a stranger, so
 * until there is an admin a sign-up needs the setup token from the log. It is derived from the secret key: every node and every
 * restart prints the same one, and nothing of it is stored.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { instanceQueries, type Sql } from '@skein/db'
import { Refusal } from '@skein/protocol'
import { isLocal } from '../../policies/origins.ts'

export interface SetupDeps {
  sql: Sql
  publicUrl: string
  /** `setupToken(secretKey)`. */
  setupToken: string
}

/** The setup token of an instance: 25 letters and digits in groups of five. */
export function setupToken(secretKey: string): string {
  const digits = createHmac('sha256', secretKey).update('setup-token').digest('hex').slice(0, 25)
  return (digits.match(/.{5}/g) ?? []).join('-')
}

/** Whether the next sign-up must bring the setup token. */
export async function isSetupTokenRequired({ sql, publicUrl }: SetupDeps): Promise<boolean> {
  return !isLocal(publicUrl) && (await instanceQueries.findInstanceAdmin(sql)) === null
}

/** Refuses a sign-up that needs the setup token and does not bring it. */
export async function checkSetupToken(deps: SetupDeps, given: string | undefined): Promise<void> {
  if (!(await isSetupTokenRequired(deps))) return
  if (given && isSame(given.toLowerCase(), deps.setupToken)) return
  const message = given
    ? 'That is not the setup token of this instance.'
    : 'The first account of this instance needs its setup token.'
  throw new Refusal('setup-token-required', message, {
    hint: 'The token stands in the log of the server, in the line “setup token”.',
  })
}

const isSame = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
