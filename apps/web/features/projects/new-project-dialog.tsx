'use client'
// A new project in one of three ways: from a Git URL, empty, or from the demo. An import stays in the dialog with its
// progress; closing leaves it running, and the list shows it again.

import type { CreateProject, Project } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, TextField } from '../../components/field.tsx'
import { GitUrlInput } from '../../components/git-url-input.tsx'
import { ApiError, toApiError } from '../../lib/api/error.ts'
import { gitUrlFaultKey, useCreateProject } from '../../lib/api/projects.ts'
import { projectPath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'
import { ImportProgress } from './import-progress.tsx'

export type ProjectWay = 'git' | 'empty' | 'demo'

const ways: readonly { way: ProjectWay; label: string; hint: string; action: string }[] = [
  {
    way: 'git',
    label: 'Git URL',
    hint: 'Imported with its history. It is only read, never written to.',
    action: 'Import',
  },
  { way: 'empty', label: 'Empty', hint: 'No files yet; you make the first one.', action: 'Create project' },
  { way: 'demo', label: 'Demo', hint: 'A few files to try live editing with.', action: 'Create project' },
]

/** Which way the dialog starts with, and the URL that is already known. */
export type NewProjectStart = { way: ProjectWay; gitUrl?: string }

/** The dialog; `start` is null while it is closed. */
export function NewProjectDialog({
  workspace,
  start,
  onClose,
}: {
  workspace: string
  start: NewProjectStart | null
  onClose: () => void
}) {
  const [imported, setImported] = useState<Project | null>(null)
  const close = () => {
    setImported(null)
    onClose()
  }
  return (
    <Dialog
      open={start !== null}
      onOpenChange={(open) => !open && close()}
      title={imported ? `Importing ${imported.name}` : 'New project'}
      description={imported ? 'You can close this; the import goes on, and the list of projects shows it.' : undefined}
    >
      {imported ? (
        <ImportProgress project={imported} onClose={close} />
      ) : (
        start && <NewProjectForm workspace={workspace} start={start} onImport={setImported} onCancel={close} />
      )}
    </Dialog>
  )
}

function toBody(way: ProjectWay, name: string, gitUrl: string): CreateProject {
  return { ...(name && { name }), ...(way === 'git' && { gitUrl }), ...(way === 'demo' && { template: 'demo' }) }
}

function NewProjectForm({
  workspace,
  start,
  onImport,
  onCancel,
}: {
  workspace: string
  start: NewProjectStart
  onImport: (project: Project) => void
  onCancel: () => void
}) {
  const router = useRouter()
  const client = useQueryClient()
  const create = useCreateProject(workspace)
  const [way, setWay] = useState(start.way)
  const [name, setName] = useState('')
  const [gitUrl, setGitUrl] = useState(start.gitUrl ?? '')
  const [isLeaving, setLeaving] = useState(false)
  const earlierFault = client.getQueryData(gitUrlFaultKey(gitUrl))
  const error = create.error ? toApiError(create.error) : earlierFault instanceof ApiError ? earlierFault : null
  const isUrlFault = way === 'git' && (error?.code === 'invalid-url' || error?.code.startsWith('git-') === true)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    client.removeQueries({ queryKey: gitUrlFaultKey(gitUrl) })
    const project = await create.mutateAsync(toBody(way, name.trim(), gitUrl.trim())).catch(() => null)
    if (!project) return
    if (project.job) return onImport(project)
    setLeaving(true)
    router.push(projectPath(project.id))
  }

  const chosen = ways.find((candidate) => candidate.way === way)
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <WayChoice
        way={way}
        onChange={(next) => {
          create.reset()
          setWay(next)
        }}
      />
      <p className="quiet">{chosen?.hint}</p>
      {error && !isUrlFault && <FormFault error={error} />}
      {way === 'git' && (
        <Field
          label="Git URL"
          fault={isUrlFault && error ? [error.message, error.hint].filter(Boolean).join(' ') : null}
        >
          {(control) => <GitUrlInput {...control} value={gitUrl} onChange={(event) => setGitUrl(event.target.value)} />}
        </Field>
      )}
      <TextField
        label={way === 'empty' ? 'Name' : 'Name (optional)'}
        required={way === 'empty'}
        maxLength={80}
        autoComplete="off"
        placeholder={way === 'git' ? 'As the repository' : way === 'demo' ? 'demo' : 'field-notes'}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="dialog-foot">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={create.isPending || isLeaving}>
          {chosen?.action}
        </Button>
      </div>
    </form>
  )
}

function WayChoice({ way, onChange }: { way: ProjectWay; onChange: (way: ProjectWay) => void }) {
  return (
    <fieldset className="segments">
      <legend className="sr-only">Start from</legend>
      {ways.map((candidate) => (
        <label key={candidate.way}>
          <input type="radio" name="way" checked={candidate.way === way} onChange={() => onChange(candidate.way)} />
          {candidate.label}
        </label>
      ))}
    </fieldset>
  )
}
