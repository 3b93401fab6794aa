import type { Metadata } from 'next'
import { MembersPage } from '../../../../features/members/members-page.tsx'

export const metadata: Metadata = { title: 'Members · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  return <MembersPage slug={decodeURIComponent((await params).workspace)} />
}
