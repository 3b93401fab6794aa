import type { Metadata } from 'next'
import { hasSessionCookie } from '../../../features/account/session-cookie.ts'
import { InvitationPage } from '../../../features/invitation/invitation-page.tsx'

// The address holds a secret: it is not to be indexed, and not to be sent on by the browser.
export const metadata: Metadata = { title: 'Invitation · Skein', referrer: 'no-referrer', robots: { index: false } }

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <InvitationPage token={decodeURIComponent((await params).token)} hasSession={await hasSessionCookie()} />
}
