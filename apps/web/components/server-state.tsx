'use client'
// A page whose data could not be had, by the reason: nobody answers, it is not there for this person, or the server
// failed. Each says what is safe and offers the next step.

import { CloudOff, SearchX, Unplug } from 'lucide-react'
import type { ApiError } from '../lib/api/error.ts'
import { Button, LinkButton } from './button.tsx'
import { PageState } from './page-state.tsx'

/** The state for one failed request; `onRetry` asks again. */
export function ServerState({
  error,
  onRetry,
  full = false,
}: {
  error: ApiError
  onRetry: () => void
  full?: boolean
}) {
  const retry = (
    <Button kind="primary" onClick={onRetry}>
      Try again
    </Button>
  )
  const home = (
    <LinkButton kind="quiet" href="/">
      All projects
    </LinkButton>
  )
  if (error.code === 'no-answer' || error.code === 'unavailable') {
    return (
      <PageState full={full} icon={CloudOff} title="Skein does not answer" actions={retry}>
        Everything marked Saved is stored. Either this device is offline or the server is starting; this page asks again
        when you come back to it.
      </PageState>
    )
  }
  if (error.status === 404 || error.status === 403 || error.code === 'invalid-request') {
    return (
      <PageState
        full={full}
        icon={SearchX}
        title="There is nothing here for you"
        actions={
          <LinkButton kind="primary" href="/">
            All projects
          </LinkButton>
        }
      >
        It was moved or deleted, or this account may not see it. Whoever sent you the address can invite you.
      </PageState>
    )
  }
  const reference = error.details?.requestId
  return (
    <PageState
      full={full}
      icon={Unplug}
      title="This page could not be shown"
      reference={typeof reference === 'string' ? reference : undefined}
      actions={
        <>
          {retry}
          {home}
        </>
      }
    >
      Everything marked Saved is stored. {error.message} {error.hint}
    </PageState>
  )
}
