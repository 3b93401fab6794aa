'use client'
// A workspace needs only a name; whoever makes it owns it.

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useCreateWorkspace } from '../../lib/api/workspaces.ts'
import { workspacePath } from '../../lib/paths.ts'

/** Asks for the name and goes to the new workspace. */
export function NewWorkspaceDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const router = useRouter()
  const create = useCreateWorkspace()
  const [name, setName] = useState('')

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const workspace = await create.mutateAsync(name.trim()).catch(() => null)
    if (!workspace) return
    onOpenChange(false)
    setName('')
    router.push(workspacePath(workspace.slug))
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New workspace"
      description="A place for projects and the people who share them."
    >
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextField
          label="Name"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
          fault={create.error && toApiError(create.error).message}
        />
        <div className="dialog-foot">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create workspace
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
