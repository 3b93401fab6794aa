'use client'
// The name that others see beside one's caret and in commits.

import type { Me } from '@skein/protocol'
import { Check } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRenameMe } from '../../lib/api/sessions.ts'

/** The section of `/me`. */
export function ProfileSection({ me }: { me: Me }) {
  const rename = useRenameMe()
  const toast = useToast()
  const [name, setName] = useState(me.name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const before = me.name
    rename.mutate(name.trim(), {
      onSuccess: () =>
        toast({
          icon: Check,
          words: <>You are “{name.trim()}” now</>,
          action: {
            label: 'Undo',
            run: () => {
              setName(before)
              rename.mutate(before)
            },
          },
        }),
    })
  }
  return (
    <section id="profile" aria-labelledby="profile-title">
      <h2 id="profile-title">Profile</h2>
      <form className="settings-form" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={80}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint="Beside your caret, and as the author of your commits from now on."
          fault={rename.error && toApiError(rename.error).message}
        />
        <TextField label="E-mail" type="email" value={me.email} readOnly hint="You sign in with it." />
        <Button type="submit" busy={rename.isPending} disabled={name.trim() === '' || name.trim() === me.name}>
          Change name
        </Button>
      </form>
    </section>
  )
}
