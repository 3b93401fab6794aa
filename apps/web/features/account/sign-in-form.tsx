'use client'
// E-mail and password. A wrong pair is told without saying which of the two it was.

import { type FormEvent, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { signIn } from '../../lib/api/account.ts'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { FormFault } from './form-fault.tsx'

/** Signs in, then calls `onSignedIn`; the button stays busy until that is done. */
export function SignInForm({ action, onSignedIn }: { action: string; onSignedIn: () => Promise<void> }) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const formElement = useRef<HTMLFormElement>(null)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (isBusy) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      await signIn({ email: String(form.get('email') ?? '').trim(), password: String(form.get('password') ?? '') })
      await onSignedIn()
    } catch (thrown) {
      setError(toApiError(thrown))
      setBusy(false)
      const password = formElement.current?.elements.namedItem('password')
      if (password instanceof HTMLInputElement) password.select()
    }
  }

  return (
    <form className="form" ref={formElement} onSubmit={(event) => void submit(event)}>
      {error && <FormFault error={error} />}
      <TextField large label="E-mail" name="email" type="email" required autoComplete="username" />
      <TextField large label="Password" name="password" type="password" required autoComplete="current-password" />
      <Button type="submit" kind="primary" size="lg" busy={isBusy}>
        {action}
      </Button>
    </form>
  )
}
