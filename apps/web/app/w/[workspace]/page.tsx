import type { Metadata } from 'next'
import { ProjectsPage } from '../../../features/projects/projects-page.tsx'

export const metadata: Metadata = { title: 'Projects · Skein' }

export default async function Page({ params }: { params: Promise<{ workspace: string }> }) {
  return <ProjectsPage slug={decodeURIComponent((await params).workspace)} />
}
