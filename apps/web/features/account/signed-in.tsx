'use client'
// Guards a page that needs an account: leads to signing in, and back to the page afterwards.

import type { Me } from '@skein/protocol'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { ServerState } from '../../components/server-state.tsx'
import { useMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { intentToQuery } from './intent.ts'

/** Draws `children` for whoever is signed in, `waiting` until that is known. */
export function SignedIn({ waiting = null, children }: { waiting?: ReactNode; children: (me: Me) => ReactNode }) {
  const me = useMe()
  const router = useRouter()
  const path = usePathname()
  const error = me.error ? toApiError(me.error) : null
  const isSignedOut = error?.status === 401
  useEffect(() => {
    if (isSignedOut) router.replace(`/sign-in${intentToQuery({ next: path, gitUrl: null })}`)
  }, [isSignedOut, path, router])

  if (me.data && !isSignedOut) return children(me.data)
  if (error && !isSignedOut) return <ServerState full error={error} onRetry={() => void me.refetch()} />
  return waiting
}
