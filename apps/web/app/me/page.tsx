import type { Metadata } from 'next'
import { requireSessionCookie } from '../../features/account/session-cookie.ts'
import { MePage } from '../../features/me/me-page.tsx'

export const metadata: Metadata = { title: 'Your settings · Skein' }

export default async function Page() {
  await requireSessionCookie('/me')
  return <MePage />
}
