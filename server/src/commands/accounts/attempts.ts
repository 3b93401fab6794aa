/**
 * How often somebody may try to sign in or up, counted in the database, so that it holds across nodes and restarts. Sign-ins are counted
 * for an e-mail at an address first: guessing is stopped after ten tries, while two hundred colleagues behind one address sign in as they
 * like. The wider counts stop guessing from many addresses, and one address that tries many e-mails.
 */
import { createHash } from 'node:crypto'
import { accountQueries, requestLimitQueries, type Tx } from '@skein/db'
import type { UserId } from '@skein/protocol'
import { tooMany } from '../../policies/too-many.ts'

interface Limit {
  name: string
  max: number
  windowSeconds: number
}

const SIGN_IN_PAIR: Limit = { name: 'sign-in-pair', max: 10, windowSeconds: 15 * 60 }
const SIGN_IN_EMAIL: Limit = { name: 'sign-in-email', max: 100, windowSeconds: 60 * 60 }
const SIGN_IN_ADDRESS: Limit = { name: 'sign-in-address', max: 1000, windowSeconds: 15 * 60 }
const SIGN_UP_ADDRESS: Limit = { name: 'sign-up-address', max: 300, windowSeconds: 60 * 60 }
const CHANGE_PASSWORD: Limit = { name: 'change-password', max: 10, windowSeconds: 15 * 60 }

/** Counts a try to sign in; refuses with `rate-limited` when there were too many. */
export async function countSignIn(tx: Tx, email: string, address: string): Promise<void> {
  await count(tx, SIGN_IN_PAIR, `${email} ${address}`, 'tries to sign in with this e-mail')
  await count(tx, SIGN_IN_EMAIL, email, 'tries to sign in with this e-mail')
  await count(tx, SIGN_IN_ADDRESS, address, 'tries to sign in from your network')
}

/** After a sign-in that succeeded, the tries with this e-mail count from nought again; what has expired is swept. */
export async function forgiveSignIn(tx: Tx, email: string, address: string): Promise<void> {
  await requestLimitQueries.clearRequests(tx, keyOf(SIGN_IN_PAIR, `${email} ${address}`))
  await requestLimitQueries.clearRequests(tx, keyOf(SIGN_IN_EMAIL, email))
  await sweep(tx)
}

/** Counts a sign-up from an address. */
export async function countSignUp(tx: Tx, address: string): Promise<void> {
  await count(tx, SIGN_UP_ADDRESS, address, 'new accounts from your network')
  await sweep(tx)
}

async function sweep(tx: Tx): Promise<void> {
  await requestLimitQueries.sweepRequests(tx)
  await accountQueries.sweepSessions(tx)
}

/** Counts a try to change a person's password, which must name the present one. */
export const countPasswordChange = (tx: Tx, user: UserId): Promise<void> =>
  count(tx, CHANGE_PASSWORD, user, 'tries to change the password')

async function count(tx: Tx, limit: Limit, subject: string, what: string): Promise<void> {
  const { count, resetsAt } = await requestLimitQueries.countRequest(tx, keyOf(limit, subject), limit.windowSeconds)
  if (count > limit.max) throw tooMany(what, Math.max(1, Math.ceil((resetsAt.getTime() - Date.now()) / 1000)))
}

/** E-mails and addresses are kept as hashes only. */
const keyOf = (limit: Limit, subject: string): string =>
  `${limit.name} ${createHash('sha256').update(subject).digest('base64url')}`
