'use client'
// Linking a project that is here already: the fields, and the button. What it was linked to last is chosen at first, because there
// it goes on where it stopped.

import type { GithubStatus, Project } from '@skein/protocol'
import { type FormEvent, useCallback, useMemo, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useLinkGithub } from '../../lib/api/github.ts'
import { useInstallations } from '../../lib/api/installations.ts'
import { githubSettingsPath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'
import {
  type ChoiceFaults,
  checkChoice,
  choiceToBody,
  formerToChoice,
  isFormer,
  type LinkChoice,
  noChoice,
} from './link-choice.ts'
import { LinkFields } from './link-fields.tsx'

/** The form in the settings of a project that is not linked. */
export function LinkForm({ project, former }: { project: Project; former: GithubStatus['former'] }) {
  const link = useLinkGithub(project.id)
  const installations = useInstallations(project.workspace.slug, { enabled: Boolean(former) }).data
  const [changed, setChanged] = useState<LinkChoice | null>(null)
  const [faults, setFaults] = useState<ChoiceFaults>({})
  const again = useMemo(() => (installations ? formerToChoice(former, installations) : null), [former, installations])
  const choice = changed ?? again ?? noChoice

  const change = useCallback(
    (next: Partial<LinkChoice>) => {
      setFaults({})
      setChanged((current) => ({ ...(current ?? again ?? noChoice), ...next }))
    },
    [again],
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const found = checkChoice(choice, project.id)
    setFaults(found)
    const body = choiceToBody(choice)
    if (body && Object.keys(found).length === 0) link.mutate(body)
  }
  const isAgain = again !== null && isFormer(choice, former)
  return (
    <form className="link-form" noValidate onSubmit={submit}>
      {isAgain && (
        <Notice title={`Last linked to ${former?.fullName}.`}>
          Linked again, it goes on where it stopped. Another repository can be chosen as well.
        </Notice>
      )}
      <LinkFields
        workspace={project.workspace.slug}
        project={project.name}
        former={former}
        choice={choice}
        faults={faults}
        path={githubSettingsPath(project.id)}
        onChange={change}
      >
        {link.error && <FormFault error={toApiError(link.error)} />}
        <Button type="submit" kind="primary" busy={link.isPending}>
          Link repository
        </Button>
      </LinkFields>
    </form>
  )
}
