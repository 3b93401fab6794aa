/**
 * The operator's way to let somebody in who forgot their password: a new random one, to be handed over and changed. It ends all sessions;
 * API tokens go on, and their number is told, because whoever was locked out by a thief wants to revoke them.
 */
import { accountQueries, type Database, tokenQueries } from '@skein/db'
import type { RandomBytes } from '../tokens/token-text.ts'

export interface ResetPasswordDeps {
  db: Database
  hashPassword: (password: string) => Promise<string>
  randomBytes: RandomBytes
}

export type ResetOutcome =
  | { outcome: 'reset'; name: string; password: string; sessionsEnded: number; activeTokens: number }
  | { outcome: 'no-such-account' }

/** Letters and digits that cannot be taken for one another when read aloud; 20 of 32 make 100 bits. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Gives the account with this e-mail a new password and ends its sessions. */
export async function resetPassword(
  { db, hashPassword, randomBytes }: ResetPasswordDeps,
  email: string,
): Promise<ResetOutcome> {
  const account = await accountQueries.findAccountByEmail(db.instance, email.trim())
  if (!account) return { outcome: 'no-such-account' }
  const letters = [...randomBytes(20)].map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
  const password = (letters.match(/.{5}/g) ?? []).join('-')
  const hash = await hashPassword(password)
  const sessionsEnded = await db.onInstance(async (tx) => {
    if (!(await accountQueries.updatePasswordHash(tx, account.id, hash)))
      throw new Error('The account has no password of its own')
    return accountQueries.deleteSessions(tx, account.id)
  })
  const activeTokens = await tokenQueries.countActiveTokens(db.instance, account.id)
  return { outcome: 'reset', name: account.name, password, sessionsEnded, activeTokens }
}
