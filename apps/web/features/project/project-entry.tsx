'use client'
// Loads the page of a project in the browser only: Yjs must exist once, and the server has nothing to draw in it.

import dynamic from 'next/dynamic'
import { WorkbenchBones } from './workbench-bones.tsx'

const ProjectPage = dynamic(() => import('./project-page.tsx'), { ssr: false, loading: () => <WorkbenchBones /> })

export function ProjectEntry({ reference }: { reference: string }) {
  return <ProjectPage reference={reference} />
}
