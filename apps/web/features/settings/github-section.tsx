'use client'
// The repository on GitHub that receives the commits of a project: linking it, where it stands, taking it away.

import type { Project } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useInstance } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubStatus, useLinkGithub } from '../../lib/api/github.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { FormFault } from '../account/form-fault.tsx'
import { GithubLink } from './github-link.tsx'

/** The section of a project's settings. */
export function GithubSection({ project }: { project: Project }) {
  const status = useGithubStatus(project.id, { watch: true })
  const canLink = isAtLeast(project.role, 'admin')
  return (
    <section id="github" aria-labelledby="github-title">
      <div>
        <h2 id="github-title">GitHub</h2>
        <p className="quiet">
          Every commit of this project is pushed to a branch of one repository, with the same id. Nothing there is ever
          overwritten.
        </p>
      </div>
      {status.isPending ? (
        <Bone width="260px" />
      ) : status.isError ? (
        <Notice
          kind="bad"
          title={toApiError(status.error).message}
          action={<Button onClick={() => void status.refetch()}>Try again</Button>}
        >
          {toApiError(status.error).hint}
        </Notice>
      ) : status.data.state === 'not-linked' ? (
        canLink ? (
          <Link project={project} />
        ) : (
          <p className="faint">Not linked. Admins of {project.workspace.name} can link a repository.</p>
        )
      ) : (
        <GithubLink project={project} status={status.data} canChange={canLink} />
      )}
    </section>
  )
}

function Link({ project }: { project: Project }) {
  const instance = useInstance().data
  if (instance && !instance.githubConfigured) {
    return (
      <Notice title="This Skein has no GitHub App yet.">
        <p>
          Whoever runs it sets <code>GITHUB_APP_ID</code> and <code>GITHUB_APP_PRIVATE_KEY</code>. Until then any Git
          client can clone the project from here.
        </p>
      </Notice>
    )
  }
  return <LinkForm project={project} />
}

const digits = /^[1-9]\d{0,14}$/

function LinkForm({ project }: { project: Project }) {
  const link = useLinkGithub(project.id)
  const [faults, setFaults] = useState<{ installation?: string; repository?: string }>({})

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const installation = String(form.get('installation') ?? '').trim()
    const repository = String(form.get('repository') ?? '').trim()
    const branch = String(form.get('branch') ?? '').trim()
    const found = {
      ...(!digits.test(installation) && { installation: 'A number, from the address of the installation on GitHub.' }),
      ...(!digits.test(repository) && { repository: 'A number, as GitHub’s API names the repository.' }),
    }
    setFaults(found)
    if (Object.keys(found).length > 0) return
    link.mutate({ installationId: Number(installation), repositoryId: Number(repository), ...(branch && { branch }) })
  }

  return (
    <form className="settings-form" noValidate onSubmit={submit}>
      {link.error && <FormFault error={toApiError(link.error)} />}
      <TextField
        label="Installation ID"
        name="installation"
        inputMode="numeric"
        autoComplete="off"
        hint={
          <>
            Of the GitHub App on your organisation: the number in <code>github.com/settings/installations/…</code>
          </>
        }
        fault={faults.installation}
      />
      <TextField
        label="Repository ID"
        name="repository"
        inputMode="numeric"
        autoComplete="off"
        hint={
          <>
            The number called <code>id</code> in <code>api.github.com/repos/…</code>
          </>
        }
        fault={faults.repository}
      />
      <TextField
        label="Branch"
        name="branch"
        autoComplete="off"
        maxLength={200}
        placeholder={project.defaultBranch}
        hint="It must be empty, or hold what this project came from."
      />
      <Button type="submit" kind="primary" busy={link.isPending}>
        Link repository
      </Button>
    </form>
  )
}
