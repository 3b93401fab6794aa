import type { Metadata } from 'next'
import { requireSessionCookie } from '../../../features/account/session-cookie.ts'
import { AdminGithubPage } from '../../../features/admin/admin-github-page.tsx'
import { adminGithubPath } from '../../../lib/paths.ts'

export const metadata: Metadata = { title: 'GitHub for this Skein · Skein' }

export default async function Page() {
  await requireSessionCookie(adminGithubPath)
  return <AdminGithubPage />
}
