'use client'
// A new project from a GitHub repository: the same choice as in the settings of a project, and a name.

import type { Project } from '@skein/protocol'
import { type FormEvent, type ReactNode, useCallback, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useCreateProject } from '../../lib/api/projects.ts'
import { workspacePath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'
import { type ChoiceFaults, checkChoice, choiceToBody, type LinkChoice, noChoice } from '../github/link-choice.ts'
import { LinkFields } from '../github/link-fields.tsx'

/** The form in the dialog; `children` stand above it. */
export function GithubProjectForm({
  workspace,
  onCreated,
  onCancel,
  children,
}: {
  workspace: string
  onCreated: (project: Project) => void
  onCancel: () => void
  children: ReactNode
}) {
  const create = useCreateProject(workspace)
  const [choice, setChoice] = useState<LinkChoice>(noChoice)
  const [faults, setFaults] = useState<ChoiceFaults>({})
  const [name, setName] = useState('')
  const change = useCallback((next: Partial<LinkChoice>) => {
    setFaults({})
    setChoice((current) => ({ ...current, ...next }))
  }, [])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = checkChoice(choice)
    setFaults(found)
    const github = choiceToBody(choice)
    if (!github || Object.keys(found).length > 0) return
    const wanted = name.trim()
    const project = await create.mutateAsync({ github, ...(wanted && { name: wanted }) }).catch(() => null)
    if (project) onCreated(project)
  }
  return (
    <form className="link-form" noValidate onSubmit={(event) => void submit(event)}>
      {children}
      <LinkFields
        workspace={workspace}
        project={null}
        choice={choice}
        faults={faults}
        path={`${workspacePath(workspace)}?new=github`}
        onChange={change}
      >
        {choice.repository && (
          <TextField
            label="Name (optional)"
            maxLength={80}
            autoComplete="off"
            placeholder="As the repository"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        {create.error && <FormFault error={toApiError(create.error)} />}
        <div className="dialog-foot">
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create project
          </Button>
        </div>
      </LinkFields>
    </form>
  )
}
