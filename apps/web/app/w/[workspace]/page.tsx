import type { Metadata } from 'next'
import { requireSessionCookie } from '../../../features/account/session-cookie.ts'
import { ProjectsPage } from '../../../features/projects/projects-page.tsx'
import { workspacePath } from '../../../lib/paths.ts'

export const metadata: Metadata = { title: 'Projects · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  const slug = decodeURIComponent((await params).workspace)
  await requireSessionCookie(workspacePath(slug))
  return <ProjectsPage slug={slug} />
}
