'use client'
// For the few things that cannot come back: what goes, and its name to type. Everything else is undone instead of asked.

import { type FormEvent, type ReactNode, useState } from 'react'
import type { ApiError } from '../lib/api/error.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'

/** Asks for `name` before `onDelete`; closed while `open` is false. */
export function DeleteDialog({
  open,
  title,
  verb = 'delete',
  name,
  action,
  busy,
  error,
  onDelete,
  onClose,
  children,
}: {
  open: boolean
  title: string
  /** What happens to it, after “Type its name to …”. */
  verb?: string
  name: string
  action: string
  busy: boolean
  error: ApiError | null
  onDelete: () => void
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title={title} description={children}>
      <DeleteForm
        verb={verb}
        name={name}
        action={action}
        busy={busy}
        error={error}
        onDelete={onDelete}
        onClose={onClose}
      />
    </Dialog>
  )
}

function DeleteForm({
  verb,
  name,
  action,
  busy,
  error,
  onDelete,
  onClose,
}: {
  verb: string
  name: string
  action: string
  busy: boolean
  error: ApiError | null
  onDelete: () => void
  onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() === name) return onDelete()
    setFault(`Type ${name} exactly as it stands above.`)
  }
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={`Type ${name} to ${verb} it`}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setFault(null)
          setTyped(event.target.value)
        }}
        fault={fault ?? (error ? [error.message, error.hint].filter(Boolean).join(' ') : null)}
      />
      <div className="dialog-foot">
        <Button onClick={onClose}>Keep it</Button>
        <Button type="submit" kind="bad" busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  )
}
