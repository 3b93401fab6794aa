'use client'
// A new token: what it is for, what it may do, how long it lives. Making one shows it once, in the page.

import type { CreatedToken, CreateToken, Me, Scope } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { SelectField, TextField } from '../../components/field.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useCreateToken } from '../../lib/api/tokens.ts'
import { FormFault } from '../account/form-fault.tsx'
import { scopeMeanings, scopesDefault } from './scopes.ts'

const dayMs = 24 * 60 * 60 * 1000
const lives = [
  { days: 7, label: 'in 7 days' },
  { days: 30, label: 'in 30 days' },
  { days: 90, label: 'in 90 days' },
  { days: 365, label: 'in a year' },
  { days: 0, label: 'never' },
]

function formToToken(form: FormData, scopes: readonly Scope[], me: Me): CreateToken {
  const days = Number(form.get('days'))
  const workspaceId = me.workspaces.find((workspace) => workspace.id === form.get('workspace'))?.id
  return {
    name: String(form.get('name') ?? '').trim(),
    scopes: [...scopes],
    ...(workspaceId && { workspaceId }),
    ...(days > 0 && { expiresAt: new Date(Date.now() + days * dayMs).toISOString() }),
  }
}

/** The form in the page; `onCreated` gets the token that is shown once. */
export function NewTokenForm({
  me,
  onCreated,
  onCancel,
}: {
  me: Me
  onCreated: (token: CreatedToken) => void
  onCancel: () => void
}) {
  const create = useCreateToken()
  const [scopes, setScopes] = useState<readonly Scope[]>(scopesDefault)
  const [fault, setFault] = useState<string | null>(null)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (scopes.length === 0) return setFault('A token that may do nothing opens nothing; choose at least one.')
    create.mutate(formToToken(form, scopes, me), { onSuccess: onCreated })
  }
  const toggle = (scope: Scope) => {
    setFault(null)
    setScopes((current) => (current.includes(scope) ? current.filter((one) => one !== scope) : [...current, scope]))
  }

  return (
    <form className="card new-token" aria-label="New token" onSubmit={submit}>
      {create.error && <FormFault error={toApiError(create.error)} />}
      <TextField
        label="What it is for"
        name="name"
        required
        maxLength={80}
        autoComplete="off"
        placeholder="Editor on my laptop"
        ref={(input) => {
          input?.focus({ preventScroll: true })
        }}
      />
      <div className="new-token-terms">
        <SelectField label="It ends" name="days" defaultValue={90}>
          {lives.map((life) => (
            <option key={life.days} value={life.days}>
              {life.label}
            </option>
          ))}
        </SelectField>
        <SelectField label="It works in" name="workspace" defaultValue="">
          <option value="">every workspace of yours</option>
          {me.workspaces.map((workspace) => (
            <option key={workspace.id} value={workspace.id}>
              {workspace.name} only
            </option>
          ))}
        </SelectField>
      </div>
      <ScopeChoice scopes={scopes} fault={fault} onToggle={toggle} />
      <div className="dialog-foot">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" kind="primary" busy={create.isPending}>
          Create token
        </Button>
      </div>
    </form>
  )
}

function ScopeChoice({
  scopes,
  fault,
  onToggle,
}: {
  scopes: readonly Scope[]
  fault: string | null
  onToggle: (scope: Scope) => void
}) {
  return (
    <fieldset className="scopes">
      <legend className="strong">What it may do</legend>
      {scopeMeanings.map(({ scope, meaning }) => (
        <label key={scope} className="check">
          <input type="checkbox" checked={scopes.includes(scope)} onChange={() => onToggle(scope)} />
          <span>
            {meaning} <code className="faint xs">{scope}</code>
          </span>
        </label>
      ))}
      {fault && (
        <span className="bad xs" role="alert">
          {fault}
        </span>
      )}
    </fieldset>
  )
}
