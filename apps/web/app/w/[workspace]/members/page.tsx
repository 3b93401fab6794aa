import type { Metadata } from 'next'
import { requireSessionCookie } from '../../../../features/account/session-cookie.ts'
import { MembersPage } from '../../../../features/members/members-page.tsx'
import { membersPath } from '../../../../lib/paths.ts'

export const metadata: Metadata = { title: 'Members · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  const slug = decodeURIComponent((await params).workspace)
  await requireSessionCookie(membersPath(slug))
  return <MembersPage slug={slug} />
}
