'use client'
// Another name for a project. Its address and its clone URL stay.

import type { Project } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRenameProject } from '../../lib/api/projects.ts'

/** The dialog; `project` is null while it is closed. */
export function RenameDialog({
  workspace,
  project,
  onClose,
}: {
  workspace: string
  project: Project | null
  onClose: () => void
}) {
  return (
    <Dialog open={project !== null} onOpenChange={(open) => !open && onClose()} title="Rename project">
      {project && <RenameForm workspace={workspace} project={project} onClose={onClose} />}
    </Dialog>
  )
}

function RenameForm({ workspace, project, onClose }: { workspace: string; project: Project; onClose: () => void }) {
  const rename = useRenameProject(workspace)
  const [name, setName] = useState(project.name)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const renamed = await rename.mutateAsync({ id: project.id, name: name.trim() }).catch(() => null)
    if (renamed) onClose()
  }
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        required
        maxLength={80}
        autoComplete="off"
        value={name}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
        hint="Its address and its clone URL stay."
        fault={rename.error && toApiError(rename.error).message}
      />
      <div className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={rename.isPending}>
          Rename
        </Button>
      </div>
    </form>
  )
}
