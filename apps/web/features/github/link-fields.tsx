'use client'
// What is chosen for a link, as one calm form: account, repository, branch, folder, how work leaves, and what will happen. Used by
// the settings of a project and where projects are made.

import type { GithubInstallation, GithubStatus } from '@skein/protocol'
import { type ReactNode, useEffect } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useInstance } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { useInstallations } from '../../lib/api/installations.ts'
import { AccountField } from './account-field.tsx'
import { NoApp, NoInstallation } from './connect-states.tsx'
import { findArrived } from './github-return.ts'
import { type ChoiceFaults, choiceToPlan, type LinkChoice } from './link-choice.ts'
import { ModeField } from './mode-field.tsx'
import { RepositoryField } from './repository-field.tsx'
import { useConnect } from './use-connect.ts'
import './github.css'

type LinkFieldsProps = {
  /** Of the workspace, its slug. */
  workspace: string
  /** The project that is linked; null for one that is made by it. */
  project: string | null
  /** What it was linked to last, if it was. */
  former?: GithubStatus['former']
  choice: LinkChoice
  faults: ChoiceFaults
  /** Where one comes back to from GitHub. */
  path: string
  onChange: (change: Partial<LinkChoice>) => void
  /** The foot of the form; only drawn once there is something to choose from. */
  children: ReactNode
}

/** The fields with `children` below them, or what is missing before there are any. */
export function LinkFields(props: LinkFieldsProps) {
  const { workspace, path } = props
  const instance = useInstance()
  const isConfigured = instance.data?.githubConfigured === true
  const installations = useInstallations(workspace, { enabled: isConfigured })
  const known = installations.data?.map(({ installationId }) => installationId) ?? []
  const { connect, isBusy, error } = useConnect(workspace, path, known)

  const failed = instance.error ? instance : installations.error ? installations : null
  if (failed && !failed.data) {
    const { message, hint } = toApiError(failed.error)
    return (
      <Notice kind="bad" title={message} action={<Button onClick={() => void failed.refetch()}>Try again</Button>}>
        {hint}
      </Notice>
    )
  }
  if (instance.data && !isConfigured) return <NoApp />
  if (!installations.data) return <Bones />
  if (installations.data.length === 0)
    return <NoInstallation isBusy={isBusy} error={error} onConnect={() => connect()} />
  return (
    <Fields
      {...props}
      installations={installations.data}
      accountField={(installationId) => (
        <AccountField
          installations={installations.data}
          installationId={installationId}
          isBusy={isBusy}
          error={error}
          onChange={(next) => props.onChange({ installationId: next, repository: null, branch: '', directory: '' })}
          onConnect={() => connect()}
        />
      )}
    />
  )
}

function Fields({
  workspace,
  project,
  former,
  choice,
  faults,
  installations,
  accountField,
  onChange,
  children,
}: LinkFieldsProps & {
  installations: readonly GithubInstallation[]
  accountField: (installationId: number | null) => ReactNode
}) {
  const chosen = installations.find(({ installationId }) => installationId === choice.installationId)
  const ids = installations.map(({ installationId }) => installationId)
  const preferred = findArrived(workspace, ids) ?? ids[0] ?? null
  const isUnchosen = chosen === undefined
  // The one that was just connected, or the first: most workspaces have one account.
  useEffect(() => {
    if (isUnchosen && preferred !== null) onChange({ installationId: preferred, repository: null })
  }, [isUnchosen, preferred, onChange])
  const plan = choiceToPlan(choice, project, former)
  return (
    <>
      {accountField(choice.installationId)}
      {chosen && !chosen.isSuspended && (
        <>
          <RepositoryField
            key={chosen.installationId}
            workspace={workspace}
            installation={chosen}
            repository={choice.repository}
            fault={faults.repository}
            onChange={(repository) => onChange({ repository, branch: '' })}
          />
          {choice.repository && (
            <>
              <TextField
                label="Branch"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                maxLength={200}
                placeholder={choice.repository.defaultBranch}
                value={choice.branch}
                onChange={(event) => onChange({ branch: event.target.value })}
                hint={`Empty: the default branch, ${choice.repository.defaultBranch}. One that is not there is made.`}
                fault={faults.branch}
              />
              <TextField
                label="Folder"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                maxLength={1000}
                placeholder="The whole repository"
                value={choice.directory}
                onChange={(event) => onChange({ directory: event.target.value })}
                hint="Optional. Several projects can each be a folder of one repository."
                fault={faults.directory}
              />
              <ModeField mode={choice.mode} onChange={(mode) => onChange({ mode })} />
            </>
          )}
          {plan && (
            <p className="plan quiet" role="status">
              {plan}
            </p>
          )}
          {children}
        </>
      )}
    </>
  )
}

function Bones() {
  return (
    <div className="link-bones" aria-busy="true" role="status" aria-label="Asking which accounts there are">
      <Bone width="60px" />
      <Bone width="100%" height={36} />
      <Bone width="80px" />
      <Bone width="100%" height={232} />
    </div>
  )
}
