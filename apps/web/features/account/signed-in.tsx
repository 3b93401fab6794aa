'use client'
// Guards a page that needs an account: leads to signing in, and back to the page afterwards. What the server says of the
// account is remembered on this device, for when it does not answer.

import type { Me } from '@skein/protocol'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { ServerState } from '../../components/server-state.tsx'
import { useMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { forgetAccount, rememberAccount } from '../offline/device-account.ts'
import { intentToQuery } from './intent.ts'

/**
 * Draws `children` for whoever is signed in, `waiting` until that is known. `keeps`: when the session ends under an open page
 * the page stays, and says so itself; there may be words on it that are not saved.
 */
export function SignedIn({
  waiting = null,
  keeps = false,
  children,
}: {
  waiting?: ReactNode
  keeps?: boolean
  children: (me: Me) => ReactNode
}) {
  const me = useMe()
  const router = useRouter()
  const path = usePathname()
  const error = me.error ? toApiError(me.error) : null
  const isRefused = error?.status === 401
  const isSignedOut = isRefused && !(keeps && me.data)
  useEffect(() => {
    if (isRefused) forgetAccount()
    else if (me.isSuccess) rememberAccount(me.data)
  }, [isRefused, me.isSuccess, me.data])
  useEffect(() => {
    if (isSignedOut) router.replace(`/sign-in${intentToQuery({ next: path, gitUrl: null })}`)
  }, [isSignedOut, path, router])

  if (me.data && !isSignedOut) return children(me.data)
  if (error && !isSignedOut) return <ServerState full error={error} onRetry={() => void me.refetch()} />
  return waiting
}
