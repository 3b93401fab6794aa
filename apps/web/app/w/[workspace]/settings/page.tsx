import type { Metadata } from 'next'
import { WorkspaceSettingsPage } from '../../../../features/workspace/workspace-settings-page.tsx'

export const metadata: Metadata = { title: 'Settings · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  return <WorkspaceSettingsPage slug={decodeURIComponent((await params).workspace)} />
}
