'use client'
// A new repository. GitHub seldom lets an App make one: then its own page is opened with the name filled in, and the list is
// looked at again when one is back.

import type { GithubInstallation, GithubRepositoryChoice } from '@skein/protocol'
import { type KeyboardEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { Notice } from '../../components/notice.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { useCreateRepository } from '../../lib/api/installations.ts'
import { OpenOnGithub } from './connect-states.tsx'

const validName = /^[\w.-]{1,100}$/

/** GitHub's page for it, when the refusal is that a person has to make it there. */
function pageOf(error: ApiError | null): string | null {
  const { reason, url } = error?.details ?? {}
  return reason === 'make-it-there' && typeof url === 'string' ? url : null
}

/** `onLook` asks for the list again, searched for the name. */
export function NewRepository({
  workspace,
  installation,
  onMade,
  onLook,
  onCancel,
}: {
  workspace: string
  installation: GithubInstallation
  onMade: (repository: GithubRepositoryChoice) => void
  onLook: (name: string) => void
  onCancel: () => void
}) {
  const create = useCreateRepository(workspace)
  const [name, setName] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const error = create.error ? toApiError(create.error) : null
  const page = pageOf(error)

  const make = () => {
    const wanted = name.trim()
    if (!validName.test(wanted)) return setFault('Use letters, digits, dots, hyphens and underscores.')
    create.mutate({ installationId: installation.installationId, name: wanted }, { onSuccess: onMade })
  }
  // It stands inside the form of the link, which Enter must not send.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    make()
  }
  return (
    <fieldset className="new-repository">
      <legend className="sr-only">New repository</legend>
      <TextField
        label="Name of the new repository"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={100}
        value={name}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setFault(null)
          create.reset()
          setName(event.target.value)
        }}
        hint={`Private and empty, in ${installation.account}.`}
        fault={fault ?? (error && !page ? [error.message, error.hint].filter(Boolean).join(' ') : null)}
      />
      {page ? (
        <Notice title="GitHub wants you to make it there.">
          <p>
            Its page opens with the name filled in. Give the App access to the new repository, come back, and choose it
            in the list.
          </p>
          <div className="row new-repository-ways">
            <OpenOnGithub href={page}>Make it on GitHub</OpenOnGithub>
            <OpenOnGithub href={installation.settingsUrl}>Give access</OpenOnGithub>
            <Button kind="quiet" onClick={() => onLook(name.trim())}>
              Look for it
            </Button>
          </div>
        </Notice>
      ) : (
        <div className="row">
          <Button busy={create.isPending} onClick={make}>
            Create repository
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      )}
    </fieldset>
  )
}
