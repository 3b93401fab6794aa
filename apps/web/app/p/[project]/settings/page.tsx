import type { Metadata } from 'next'
import { requireSessionCookie } from '../../../../features/account/session-cookie.ts'
import { ProjectSettingsPage } from '../../../../features/settings/project-settings-page.tsx'
import { projectSettingsPath } from '../../../../lib/paths.ts'

export const metadata: Metadata = { title: 'Settings · Skein' }

export default async function Page({ params }: { params: Promise<{ project: string }> }) {
  const id = decodeURIComponent((await params).project)
  await requireSessionCookie(projectSettingsPath(id))
  return <ProjectSettingsPage id={id} />
}
