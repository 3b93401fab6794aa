import type { Metadata } from 'next'
import { ProjectSettingsPage } from '../../../../features/settings/project-settings-page.tsx'

export const metadata: Metadata = { title: 'Settings · Skein' }

export default async function Page({ params }: { params: Promise<{ project: string }> }) {
  return <ProjectSettingsPage id={decodeURIComponent((await params).project)} />
}
