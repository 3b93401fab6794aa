'use client'
// Three fields make an account. The first account of an instance that others can reach also needs the setup token from
// the server's log; the field for it appears when the instance says so.

import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, type SignedUp } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { signUp, useInstance } from '../../lib/api/account.ts'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { type AccountFaults, checkAccount } from './check-account.ts'
import { FormFault } from './form-fault.tsx'

function errorToWords(error: ApiError): string {
  return error.hint ? `${error.message} ${error.hint}` : error.message
}

function focusFirstFault(form: HTMLFormElement): void {
  // After the next paint, when the faults have marked their fields.
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}

/** Creates an account, then calls `onSignedUp`; the button stays busy until that is done. */
export function SignUpForm({
  action,
  onSignedUp,
}: {
  action: string
  onSignedUp: (signedUp: SignedUp) => Promise<void>
}) {
  const instance = useInstance().data
  const passwordLengthMin = instance?.passwordLengthMin ?? PASSWORD_LENGTH_MIN
  const [isBusy, setBusy] = useState(false)
  const [faults, setFaults] = useState<AccountFaults>({})
  const [error, setError] = useState<ApiError | null>(null)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (isBusy) return
    const form = event.currentTarget
    const values = new FormData(form)
    const field = (name: string) => String(values.get(name) ?? '')
    const account = { name: field('name').trim(), email: field('email').trim(), password: field('password') }
    const found = checkAccount(account, passwordLengthMin)
    setFaults(found)
    setError(null)
    if (Object.keys(found).length > 0) return focusFirstFault(form)
    setBusy(true)
    try {
      const setupToken = field('setup-token').trim()
      await onSignedUp(await signUp({ ...account, ...(setupToken && { setupToken }) }))
    } catch (thrown) {
      setError(toApiError(thrown))
      setBusy(false)
      focusFirstFault(form)
    }
  }

  const isSetupFault = error?.code === 'setup-token-required'
  const isFieldFault = isSetupFault || error?.code === 'email-taken'
  return (
    <form className="form" noValidate onSubmit={(event) => void submit(event)}>
      {error && !isFieldFault && <FormFault error={error} />}
      {(instance?.setupTokenRequired || isSetupFault) && (
        <TextField
          large
          label="Setup token"
          name="setup-token"
          autoComplete="off"
          className="mono"
          hint="The first account runs this Skein. Its token stands in the log of the server."
          fault={isSetupFault && error ? errorToWords(error) : null}
        />
      )}
      <AccountFields
        passwordLengthMin={passwordLengthMin}
        faults={{ ...faults, ...(error?.code === 'email-taken' && { email: errorToWords(error) }) }}
      />
      <Button type="submit" kind="primary" size="lg" busy={isBusy}>
        {action}
      </Button>
    </form>
  )
}

function AccountFields({ faults, passwordLengthMin }: { faults: AccountFaults; passwordLengthMin: number }) {
  return (
    <>
      <TextField
        large
        label="Name"
        name="name"
        required
        maxLength={80}
        autoComplete="name"
        placeholder="How others see you"
        fault={faults.name}
      />
      <TextField
        large
        label="E-mail"
        name="email"
        type="email"
        required
        autoComplete="email"
        placeholder="ana@example.org"
        fault={faults.email}
      />
      <TextField
        large
        label="Password"
        name="password"
        type="password"
        required
        maxLength={PASSWORD_LENGTH_MAX}
        autoComplete="new-password"
        placeholder={`${passwordLengthMin} characters or more`}
        fault={faults.password}
      />
    </>
  )
}
