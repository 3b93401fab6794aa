'use client'
// A name that can be changed in place, with an undo in the toast that tells of it.

import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toast.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'

/** The form; `rename` resolves when the server has the name, `children` are further fields above the button. */
export function RenameForm({
  name,
  canRename = true,
  hint,
  action,
  autoComplete = 'off',
  rename,
  toWords,
  children,
}: {
  name: string
  canRename?: boolean
  hint: string
  action: string
  autoComplete?: string
  rename: (name: string) => Promise<unknown>
  /** What the toast says of the new name. */
  toWords: (name: string) => ReactNode
  children?: ReactNode
}) {
  const toast = useToast()
  const [typed, setTyped] = useState(name)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const wanted = typed.trim()

  const change = async (next: string): Promise<boolean> => {
    setBusy(true)
    setError(null)
    try {
      await rename(next)
      setTyped(next)
      return true
    } catch (thrown) {
      setError(toApiError(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const before = name
    if (!(await change(wanted))) return
    toast({ words: toWords(wanted), action: { label: 'Undo', run: () => void change(before) } })
  }

  return (
    <form className="settings-form" onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        required
        maxLength={80}
        autoComplete={autoComplete}
        readOnly={!canRename}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        hint={hint}
        fault={error?.message}
      />
      {children}
      {canRename && (
        <Button type="submit" busy={isBusy} disabled={wanted === '' || wanted === name}>
          {action}
        </Button>
      )}
    </form>
  )
}
