import type { Metadata } from 'next'
import { requireSessionCookie } from '../../../../features/account/session-cookie.ts'
import { WorkspaceSettingsPage } from '../../../../features/workspace/workspace-settings-page.tsx'
import { workspaceSettingsPath } from '../../../../lib/paths.ts'

export const metadata: Metadata = { title: 'Settings · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  const slug = decodeURIComponent((await params).workspace)
  await requireSessionCookie(workspaceSettingsPath(slug))
  return <WorkspaceSettingsPage slug={slug} />
}
