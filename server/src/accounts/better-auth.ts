/**
 * Accounts by better-auth: e-mail and password, sessions in the database, nothing else. Its tables live in the schema `auth`
 * (migration 0002). Limits, sign-up rules and messages are Skein's own, in front of it (`api/auth.ts`), because its own limiter knows only
 * addresses and would ban an office behind one.
 */
import type { UserId } from '@skein/protocol'
import { betterAuth } from 'better-auth'
import { PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import { type Accounts, ADDRESS_HEADER } from '../commands/accounts/accounts.ts'
import { hashPassword, verifyPassword } from './password.ts'

const DAY_SECONDS = 24 * 60 * 60

export interface AccountsDeps {
  /** `Database.accounts`. */
  pool: Pool
  /** Signs cookies; another one ends every session. */
  secret: string
  publicUrl: string
  ownOrigins: readonly string[]
  log: (level: 'warn' | 'error', message: string) => void
  /** Absent: scrypt, see password.ts. */
  passwords?: Passwords
}

/** How passwords are kept. */
export interface Passwords {
  hash(password: string): Promise<string>
  verify(input: { hash: string; password: string }): Promise<boolean>
}

const SCRYPT: Passwords = { hash: hashPassword, verify: verifyPassword }

/** Opens the accounts of an instance. */
export function createAccounts(deps: AccountsDeps): Accounts {
  const auth = betterAuth(accountOptions(deps))
  return {
    handle: (request) => auth.handler(request),
    async findSession(headers) {
      const found = await auth.api.getSession({ headers, returnHeaders: true })
      if (!found.response) return null
      const { id, name, email } = found.response.user
      const sessionId = found.response.session.id
      return { sessionId, userId: id as UserId, name, email, setCookies: found.headers.getSetCookie() }
    },
    hasSession: async (headers) => (await auth.api.getSession({ headers, query: { disableRefresh: true } })) !== null,
  }
}

/** What better-auth is told; exported for the test that holds migration 0002 against it. */
export function accountOptions({ pool, secret, publicUrl, ownOrigins, log, passwords = SCRYPT }: AccountsDeps) {
  const isSecure = publicUrl.startsWith('https:')
  return {
    appName: 'Skein',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins: [...ownOrigins],
    telemetry: { enabled: false },
    logger: {
      log: (level: string, message: string) =>
        level === 'warn' || level === 'error' ? log(level, message) : undefined,
      level: 'error' as const,
    },
    database: {
      dialect: new PostgresDialect({ pool }),
      type: 'postgres' as const,
      schemaName: 'auth',
      transaction: true,
    },
    emailAndPassword: {
      enabled: true,
      // Lengths are checked before, with our own words; these are the same limits.
      minPasswordLength: 12,
      maxPasswordLength: 128,
      password: { hash: passwords.hash, verify: passwords.verify },
      revokeSessionsOnPasswordReset: true,
    },
    session: { expiresIn: 30 * DAY_SECONDS, updateAge: DAY_SECONDS, cookieCache: { enabled: false } },
    rateLimit: { enabled: false },
    advanced: {
      // Where a request comes from is checked before it gets here, by the one rule of policies/origins.ts.
      disableCSRFCheck: true,
      // With https the strictest prefix: browsers take such a cookie only from this very host, over https, for all paths.
      useSecureCookies: false,
      cookiePrefix: isSecure ? '__Host-skein' : 'skein',
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure: isSecure },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
  }
}
