import { ProjectEntry } from '../../../../features/project/project-entry.tsx'

export default async function Page({ params }: { params: Promise<{ project: string }> }) {
  return <ProjectEntry reference={decodeURIComponent((await params).project)} />
}
