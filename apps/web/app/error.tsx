'use client'
// A page that broke while it was drawn. What was saved is not affected, and loading again usually helps.

import { Unplug } from 'lucide-react'
import { useEffect } from 'react'
import { Button, LinkButton } from '../components/button.tsx'
import { PageState } from '../components/page-state.tsx'

export default function ErrorPage({ error }: { error: unknown }) {
  useEffect(() => console.error(error), [error])
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : undefined
  return (
    <PageState
      full
      icon={Unplug}
      title="This page could not be shown"
      reference={digest}
      actions={
        <>
          <Button kind="primary" onClick={() => window.location.reload()}>
            Load again
          </Button>
          <LinkButton kind="quiet" href="/">
            All projects
          </LinkButton>
        </>
      }
    >
      Your text is not affected: everything marked Saved is stored. Loading the page again usually helps.
    </PageState>
  )
}
