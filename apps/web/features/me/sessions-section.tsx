'use client'
// The password, and the devices on which one is signed in.

import { type Me, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@skein/protocol'
import { LogOut } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useChangePassword, useRevokeOtherSessions, useRevokeSession, useSessions } from '../../lib/api/sessions.ts'
import { formatAgo } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { FormFault } from '../account/form-fault.tsx'
import { useSignOut } from '../account/use-sign-out.tsx'
import { userAgentToWords } from './user-agent.ts'

/** The section of `/me`. */
export function SessionsSection({ me }: { me: Me }) {
  return (
    <section id="devices" aria-labelledby="devices-title">
      <h2 id="devices-title">Password and devices</h2>
      <PasswordForm email={me.email} />
      <Devices me={me} />
    </section>
  )
}

function PasswordForm({ email }: { email: string }) {
  const change = useChangePassword()
  const [fault, setFault] = useState<string | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const values = new FormData(form)
    const newPassword = String(values.get('new-password') ?? '')
    if (newPassword.length < PASSWORD_LENGTH_MIN) return setFault(`Use ${PASSWORD_LENGTH_MIN} characters or more.`)
    setFault(null)
    change.mutate(
      { currentPassword: String(values.get('current-password') ?? ''), newPassword },
      { onSuccess: () => form.reset() },
    )
  }
  const error = change.error ? toApiError(change.error) : null
  const isWrong = error?.code === 'wrong-credentials'
  return (
    <form className="settings-form" noValidate onSubmit={submit}>
      {error && !isWrong && <FormFault error={error} />}
      {change.isSuccess && (
        <Notice kind="good" title="Your password is changed.">
          Your other devices are signed out.
        </Notice>
      )}
      {/* Password managers tell by it which account the new password belongs to. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <TextField
        label="Current password"
        name="current-password"
        type="password"
        autoComplete="current-password"
        fault={isWrong ? error.message : null}
      />
      <TextField
        label="New password"
        name="new-password"
        type="password"
        maxLength={PASSWORD_LENGTH_MAX}
        autoComplete="new-password"
        placeholder={`${PASSWORD_LENGTH_MIN} characters or more`}
        fault={fault}
      />
      <Button type="submit" busy={change.isPending}>
        Change password
      </Button>
    </form>
  )
}

function Devices({ me }: { me: Me }) {
  const { leave, question } = useSignOut(me)
  const sessions = useSessions()
  const revoke = useRevokeSession()
  const revokeOthers = useRevokeOtherSessions()
  const now = useNow()
  if (sessions.isPending) return <RowsSkeleton label="Devices are loading" rows={1} />
  if (sessions.isError) return <FormFault error={toApiError(sessions.error)} />
  const error = revoke.error ?? revokeOthers.error
  return (
    <>
      {question}
      {error && <FormFault error={toApiError(error)} />}
      <ul className="card rows sessions" aria-label="Devices">
        {sessions.data.map((session) => (
          <li key={session.id}>
            <span className="grow">
              <b className="strong">{userAgentToWords(session.userAgent)}</b>
              <span className="faint">
                {session.isCurrent ? 'This device' : `Active ${formatAgo(session.updatedAt, now)}`}
              </span>
            </span>
            {session.isCurrent ? (
              <Button size="sm" onClick={leave}>
                <Icon of={LogOut} size="sm" /> Sign out
              </Button>
            ) : (
              <Button
                size="sm"
                busy={revoke.isPending && revoke.variables === session.token}
                onClick={() => revoke.mutate(session.token)}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.data.length > 1 && (
        <div>
          <Button busy={revokeOthers.isPending} onClick={() => revokeOthers.mutate()}>
            Sign out all other devices
          </Button>
        </div>
      )}
    </>
  )
}
