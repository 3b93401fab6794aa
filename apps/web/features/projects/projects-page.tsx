'use client'
// The projects of a workspace, in its frame.

import { WorkspaceFrame } from '../workspace/workspace-frame.tsx'
import { ProjectList, ProjectListBones } from './project-list.tsx'

/** `/w/:workspace`. */
export function ProjectsPage({ slug }: { slug: string }) {
  return (
    <WorkspaceFrame slug={slug} waiting={<ProjectListBones />}>
      {(workspace) => <ProjectList key={workspace.id} workspace={workspace} />}
    </WorkspaceFrame>
  )
}
