'use client'
// Three fields make an account. The first account of an instance that others can reach also needs the setup token from
// the server's log; the field for it appears when the instance says so.

import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { signUp, useInstance } from '../../lib/api/account.ts'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { FormFault } from './form-fault.tsx'

const passwordLengthDefault = 12

/** Creates an account, then calls `onSignedUp`; the button stays busy until that is done. */
export function SignUpForm({ action, onSignedUp }: { action: string; onSignedUp: () => Promise<void> }) {
  const instance = useInstance().data
  const passwordLengthMin = instance?.passwordLengthMin ?? passwordLengthDefault
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (isBusy) return
    const form = new FormData(event.currentTarget)
    const field = (name: string) => String(form.get(name) ?? '')
    setBusy(true)
    setError(null)
    try {
      await signUp({
        name: field('name').trim(),
        email: field('email').trim(),
        password: field('password'),
        setupToken: field('setup-token').trim() || undefined,
      })
      await onSignedUp()
    } catch (thrown) {
      setError(toApiError(thrown))
      setBusy(false)
    }
  }

  const isSetupFault = error?.code === 'setup-token-required'
  return (
    <form className="account-form" onSubmit={(event) => void submit(event)}>
      {error && error.code !== 'email-taken' && !isSetupFault && <FormFault error={error} />}
      {instance?.setupTokenRequired && (
        <TextField
          large
          label="Setup token"
          name="setup-token"
          required
          autoComplete="off"
          className="mono"
          hint="The first account runs this Skein. Its token stands in the log of the server."
          fault={isSetupFault ? joinWords(error) : null}
        />
      )}
      <TextField
        large
        label="Name"
        name="name"
        required
        maxLength={80}
        autoComplete="name"
        placeholder="How others see you"
      />
      <TextField
        large
        label="E-mail"
        name="email"
        type="email"
        required
        autoComplete="email"
        placeholder="ana@example.org"
        fault={error?.code === 'email-taken' ? joinWords(error) : null}
      />
      <TextField
        large
        label="Password"
        name="password"
        type="password"
        required
        minLength={passwordLengthMin}
        maxLength={200}
        autoComplete="new-password"
        placeholder={`${passwordLengthMin} characters or more`}
      />
      <Button type="submit" kind="primary" size="lg" busy={isBusy}>
        {action}
      </Button>
    </form>
  )
}

function joinWords(error: ApiError): string {
  return error.hint ? `${error.message} ${error.hint}` : error.message
}
