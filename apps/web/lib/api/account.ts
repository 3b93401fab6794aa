// Who is signed in, and the ways in and out. Accounts are better-auth's (`/api/auth`), everything else is the API's.

import { Instance, Me, SignedIn, SignedUp } from '@skein/protocol'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { API, request, send } from './request.ts'

/** The fields of a new account; the setup token only for the first one of an instance. */
export type NewAccount = { name: string; email: string; password: string; setupToken?: string | undefined }

const meKey = ['me'] as const

/** The person who is signed in, with their workspaces; fails with `unauthenticated` when nobody is. */
export function useMe({ enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({ queryKey: meKey, queryFn: ({ signal }) => request(Me, 'GET', `${API}/me`, { signal }), enabled })
}

/** Puts what the device knows of the account in the place of an answer, until there is one. */
export function keepMe(client: QueryClient, me: Me): void {
  client.setQueryData(meKey, me, { updatedAt: 0 })
}

/** What the instance says of itself before anybody signs in. */
export function useInstance() {
  return useQuery({
    queryKey: ['instance'],
    queryFn: ({ signal }) => request(Instance, 'GET', `${API}/instance`, { signal }),
    staleTime: 60_000,
  })
}

/** Creates an account and signs it in; answers with its first workspace and the demo project in it. */
export function signUp(account: NewAccount): Promise<SignedUp> {
  return request(SignedUp, 'POST', '/api/auth/sign-up/email', { body: account })
}

/** Signs in with e-mail and password. */
export async function signIn(account: { email: string; password: string }): Promise<void> {
  await request(SignedIn, 'POST', '/api/auth/sign-in/email', { body: account })
}

/**
 * Signs out on this device. The page is then loaded anew rather than left: nothing that it knew of the account may stay
 * in its memory. `next` is a path of this origin.
 */
export async function signOut(next = '/'): Promise<void> {
  await send('POST', '/api/auth/sign-out', { body: {} })
  window.location.assign(next)
}

/** Reads the account anew, after signing in or after a change of memberships. */
export function useRefreshMe(): () => Promise<Me> {
  const client = useQueryClient()
  return () => client.fetchQuery({ queryKey: meKey, queryFn: () => request(Me, 'GET', `${API}/me`), staleTime: 0 })
}
