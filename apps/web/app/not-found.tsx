// An address that leads nowhere.

import { SearchX } from 'lucide-react'
import type { Metadata } from 'next'
import { LinkButton } from '../components/button.tsx'
import { PageState } from '../components/page-state.tsx'

export const metadata: Metadata = { title: 'Not found · Skein' }

export default function NotFound() {
  return (
    <PageState
      full
      icon={SearchX}
      title="There is no such page"
      actions={
        <LinkButton kind="primary" href="/">
          To your projects
        </LinkButton>
      }
    >
      The address may have been cut when it was copied, or the page was moved.
    </PageState>
  )
}
