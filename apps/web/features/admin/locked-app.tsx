'use client'
// An App whose secrets do not open: even its name is not told, so whoever wants it away types the name that it has on GitHub.

import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { useRemoveGithubApp } from '../../lib/api/github-app.ts'
import { FormFault } from '../account/form-fault.tsx'

/** `error` is the refusal that says why. */
export function LockedApp({ error }: { error: ApiError }) {
  const remove = useRemoveGithubApp()
  const [name, setName] = useState('')
  const fault = remove.error ? toApiError(remove.error) : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') remove.mutate(name.trim())
  }
  return (
    <form className="settings-form" onSubmit={submit}>
      <FormFault error={error} />
      <TextField
        label="Name of the App, to remove it here"
        required
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={200}
        value={name}
        onChange={(event) => {
          remove.reset()
          setName(event.target.value)
        }}
        hint="As it stands on GitHub, where the App stays. Files and history of all projects stay as well."
        fault={fault ? [fault.message, fault.hint].filter(Boolean).join(' ') : null}
      />
      <Button type="submit" kind="bad" busy={remove.isPending}>
        Remove App
      </Button>
    </form>
  )
}
