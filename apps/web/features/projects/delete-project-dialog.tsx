'use client'
// Deleting a project asks for its name: only whoever runs this Skein could bring it back.

import type { Project } from '@skein/protocol'
import { DeleteDialog } from '../../components/delete-dialog.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useDeleteProject } from '../../lib/api/projects.ts'

/** The dialog; `project` is null while it is closed. */
export function DeleteProjectDialog({
  workspace,
  project,
  onClose,
}: {
  workspace: string
  project: Project | null
  onClose: () => void
}) {
  const remove = useDeleteProject(workspace)
  return (
    <DeleteDialog
      open={project !== null}
      title={`Delete ${project?.name ?? ''}`}
      name={project?.name ?? ''}
      action="Delete project"
      busy={remove.isPending}
      error={remove.error && toApiError(remove.error)}
      onClose={onClose}
      onDelete={() => project && remove.mutate(project.id, { onSuccess: onClose })}
    >
      Its {project?.fileCount === 1 ? 'file' : `${project?.fileCount ?? 0} files`} and its Git history go for everybody;
      only whoever runs this Skein could bring them back. Clones and a repository on GitHub stay as they are.
    </DeleteDialog>
  )
}
