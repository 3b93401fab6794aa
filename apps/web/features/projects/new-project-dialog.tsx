'use client'
// A new project: from a Git URL, from a GitHub repository that it stays linked to, empty, or from the demo. What has to be fetched
// stays in the dialog with its progress; closing leaves it running, and the list shows it again.

import type { CreateProject, Project } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, TextField } from '../../components/field.tsx'
import { GitUrlInput } from '../../components/git-url-input.tsx'
import { ApiError, toApiError } from '../../lib/api/error.ts'
import { gitUrlFaultKey, useCreateProject } from '../../lib/api/projects.ts'
import { projectPath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'
import { FirstPull } from './first-pull.tsx'
import { GithubProjectForm } from './github-project-form.tsx'
import { ImportProgress } from './import-progress.tsx'

export type ProjectWay = 'git' | 'github' | 'empty' | 'demo'

const ways: readonly { way: ProjectWay; label: string; hint: string; action: string }[] = [
  {
    way: 'git',
    label: 'Git URL',
    hint: 'Imported with its history. It is only read, never written to.',
    action: 'Import',
  },
  {
    way: 'github',
    label: 'GitHub',
    hint: 'From a repository that it stays linked to: commits go there and come from there.',
    action: 'Create project',
  },
  { way: 'empty', label: 'Empty', hint: 'No files yet; you make the first one.', action: 'Create project' },
  { way: 'demo', label: 'Demo', hint: 'A few files to try live editing with.', action: 'Create project' },
]

/** Which way the dialog starts with, and the URL that is already known. */
export type NewProjectStart = { way: ProjectWay; gitUrl?: string }

/** The dialog; `start` is null while it is closed. */
export function NewProjectDialog({
  workspace,
  canLink,
  start,
  onClose,
}: {
  workspace: string
  /** Linking to GitHub is for admins. */
  canLink: boolean
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
      title={imported ? `${imported.job ? 'Importing' : 'Reading'} ${imported.name}` : 'New project'}
      description={
        imported
          ? `You can close this; ${imported.job ? 'the import' : 'it'} goes on, and the list of projects shows it.`
          : undefined
      }
    >
      {imported ? (
        imported.job ? (
          <ImportProgress project={imported} onClose={close} />
        ) : (
          <FirstPull project={imported} onClose={close} />
        )
      ) : (
        start && <NewProject {...{ workspace, canLink, start }} onImport={setImported} onCancel={close} />
      )}
    </Dialog>
  )
}

function toBody(way: Exclude<ProjectWay, 'github'>, name: string, gitUrl: string): CreateProject {
  return { ...(name && { name }), ...(way === 'git' && { gitUrl }), ...(way === 'demo' && { template: 'demo' }) }
}

type NewProjectProps = {
  workspace: string
  canLink: boolean
  start: NewProjectStart
  onImport: (project: Project) => void
  onCancel: () => void
}

function NewProject(props: NewProjectProps) {
  const [way, setWay] = useState(props.start.way)
  const hint = ways.find((candidate) => candidate.way === way)?.hint
  const choice = (
    <>
      <WayChoice way={way} canLink={props.canLink} onChange={setWay} />
      <p className="quiet">{hint}</p>
    </>
  )
  if (way === 'github') {
    const { workspace, onImport, onCancel } = props
    return (
      <GithubProjectForm workspace={workspace} onCreated={onImport} onCancel={onCancel}>
        {choice}
      </GithubProjectForm>
    )
  }
  return (
    <NewProjectForm key={way} {...props} way={way}>
      {choice}
    </NewProjectForm>
  )
}

function NewProjectForm({
  workspace,
  start,
  way,
  onImport,
  onCancel,
  children,
}: NewProjectProps & { way: Exclude<ProjectWay, 'github'>; children: ReactNode }) {
  const router = useRouter()
  const client = useQueryClient()
  const create = useCreateProject(workspace)
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
      {children}
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

function WayChoice({
  way,
  canLink,
  onChange,
}: {
  way: ProjectWay
  canLink: boolean
  onChange: (way: ProjectWay) => void
}) {
  const offered = ways.filter((candidate) => canLink || candidate.way !== 'github')
  return (
    <fieldset className="segments">
      <legend className="sr-only">Start from</legend>
      {offered.map((candidate) => (
        <label key={candidate.way}>
          <input type="radio" name="way" checked={candidate.way === way} onChange={() => onChange(candidate.way)} />
          {candidate.label}
        </label>
      ))}
    </fieldset>
  )
}
