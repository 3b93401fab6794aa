/**
 * Port: accounts and their sessions. The library behind it serves its own HTTP routes, so requests for them are handed through whole; what
 * other code needs of a session is here.
 */
import type { UserId } from '@skein/protocol'

export interface Session {
  sessionId: string
  userId: UserId
  name: string
  email: string
  /** `Set-Cookie` values to send on: a session that is used is renewed now and then. */
  setCookies: readonly string[]
}

/** The header in which the caller of `handle` tells the client's address; it must overwrite whatever a client sent under this name. */
export const ADDRESS_HEADER = 'x-skein-client-address'

export interface Accounts {
  /** Answers a request for one of the account routes (`/api/auth/…`). Checked for size, origin and limits by the caller. */
  handle(request: Request): Promise<Response>
  /** The session of the cookies in these headers, or null when there is none, or it has ended or expired. */
  findSession(headers: Headers): Promise<Session | null>
  /** Whether there still is such a session; asking does not renew it, so it may be asked while an answer goes on. */
  hasSession(headers: Headers): Promise<boolean>
}
