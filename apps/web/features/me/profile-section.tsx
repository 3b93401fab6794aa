'use client'
// The name that others see beside one's caret and in commits.

import type { Me } from '@skein/protocol'
import { TextField } from '../../components/field.tsx'
import { useRenameMe } from '../../lib/api/sessions.ts'
import { RenameForm } from '../settings/rename-form.tsx'

/** The section of `/me`. */
export function ProfileSection({ me }: { me: Me }) {
  const rename = useRenameMe()
  return (
    <section id="profile" aria-labelledby="profile-title">
      <h2 id="profile-title">Profile</h2>
      <RenameForm
        name={me.name}
        hint="Beside your caret, and as the author of your commits from now on."
        action="Change name"
        autoComplete="name"
        rename={rename.mutateAsync}
        toWords={(name) => <>You are “{name}” now</>}
      >
        <TextField label="E-mail" type="email" value={me.email} readOnly hint="You sign in with it." />
      </RenameForm>
    </section>
  )
}
