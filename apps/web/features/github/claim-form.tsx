'use client'
// For the admin of the instance: an installation by its number, for when GitHub's own way back cannot be gone.

import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useClaimInstallation } from '../../lib/api/installations.ts'
import { FormFault } from '../account/form-fault.tsx'

const validNumber = /^[1-9]\d{0,14}$/

export function ClaimForm({ workspace }: { workspace: string }) {
  const claim = useClaimInstallation(workspace)
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const number = typed.trim()
    if (!validNumber.test(number)) return setFault('A number, from the address of the installation on GitHub.')
    claim.mutate(Number(number), { onSuccess: () => setTyped('') })
  }
  return (
    <details className="claim">
      <summary>Connect an installation by its number</summary>
      <form className="settings-form" noValidate onSubmit={submit}>
        {claim.error && <FormFault error={toApiError(claim.error)} />}
        <TextField
          label="Number of the installation"
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={(event) => {
            setFault(null)
            setTyped(event.target.value)
          }}
          hint={
            <>
              The last part of its address on GitHub, <code>…/installations/…</code>. You can do this as the admin of
              this Skein; others show on GitHub that it is theirs.
            </>
          }
          fault={fault}
        />
        <Button type="submit" busy={claim.isPending}>
          Connect installation
        </Button>
      </form>
    </details>
  )
}
