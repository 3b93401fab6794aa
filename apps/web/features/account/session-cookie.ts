// Whether this browser brings a session at all. A page that needs one sends everybody else to signing in before anything
// is drawn; whether the session still holds is asked of the API by the page itself.

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { intentToQuery } from './intent.ts'

/** True when a session cookie came with the request; it may have ended. */
export async function hasSessionCookie(): Promise<boolean> {
  return (await cookies()).getAll().some((cookie) => cookie.name.endsWith('session_token'))
}

/** Leads to signing in, and back to `path`, when there is no session cookie. */
export async function requireSessionCookie(path: string): Promise<void> {
  if (!(await hasSessionCookie())) redirect(`/sign-in${intentToQuery({ next: path, gitUrl: null })}`)
}
