'use client'
// Which account's repositories are chosen from, and what keeps the App from working with them.

import type { GithubInstallation } from '@skein/protocol'
import { Plus } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { SelectField } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import type { ApiError } from '../../lib/api/error.ts'
import { FormFault } from '../account/form-fault.tsx'
import { OpenOnGithub } from './connect-states.tsx'
import { missingPermissions } from './link-choice.ts'

export function AccountField({
  installations,
  installationId,
  isBusy,
  error,
  onChange,
  onConnect,
}: {
  installations: readonly GithubInstallation[]
  installationId: number | null
  isBusy: boolean
  error: ApiError | null
  onChange: (installationId: number) => void
  onConnect: () => void
}) {
  const chosen = installations.find((installation) => installation.installationId === installationId)
  return (
    <>
      <div className="account-field">
        <SelectField
          label="Account"
          value={String(installationId ?? '')}
          onChange={(event) => onChange(Number(event.target.value))}
        >
          {installations.map(({ installationId: id, account, isSuspended }) => (
            <option key={id} value={id}>
              {account}
              {isSuspended ? ', suspended' : ''}
            </option>
          ))}
        </SelectField>
        <Button kind="quiet" busy={isBusy} onClick={onConnect}>
          <Icon of={Plus} size="sm" /> Another account
        </Button>
      </div>
      {error && <FormFault error={error} />}
      {chosen && <AccountNotice installation={chosen} />}
    </>
  )
}

/** Suspended, or without a right that sync needs; nothing otherwise. */
export function AccountNotice({ installation }: { installation: GithubInstallation }) {
  const { account, isSuspended, settingsUrl } = installation
  const missing = missingPermissions(installation)
  if (isSuspended) {
    return (
      <Notice
        kind="warn"
        title={`The GitHub App is suspended for ${account}.`}
        action={<OpenOnGithub href={settingsUrl} />}
      >
        <p>What is here stays, and nothing is pulled or pushed. An owner of {account} can lift it on GitHub.</p>
      </Notice>
    )
  }
  if (missing.length === 0) return null
  return (
    <Notice
      kind="warn"
      title={`The GitHub App may not ${missing.join(' or ')} in ${account}.`}
      action={<OpenOnGithub href={settingsUrl} />}
    >
      <p>An owner of {account} can accept the permissions that it asks for. Until then pushing is held.</p>
    </Notice>
  )
}
