'use client'
// What can be changed about a link: its branch, how work leaves, and what happens to lines that both sides changed. Nothing is
// sent before the button is pressed, because each of them moves commits.

import type { GithubStatus } from '@skein/protocol'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { SelectField, TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useUpdateGithub } from '../../lib/api/github.ts'
import { FormFault } from '../account/form-fault.tsx'
import { ModeField } from '../github/mode-field.tsx'
import { overlapChoices } from '../sync/sync-words.ts'

/** Give it a key of what it begins with, so that it begins anew when somebody else has changed it. */
export function LinkChanges({ projectId, github }: { projectId: string; github: GithubStatus }) {
  const update = useUpdateGithub(projectId)
  const toast = useToast()
  const before = { branch: github.repository?.branch ?? '', mode: github.mode, overlaps: github.overlaps }
  const [wanted, setWanted] = useState(before)
  const branch = wanted.branch.trim()
  const change = {
    ...(branch !== before.branch && branch !== '' && { branch }),
    ...(wanted.mode !== before.mode && { mode: wanted.mode }),
    ...(wanted.overlaps !== before.overlaps && { overlaps: wanted.overlaps }),
  }
  const isChanged = Object.keys(change).length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isChanged) update.mutate(change, { onSuccess: () => toast({ words: <>The link is changed</> }) })
  }
  const overlap = overlapChoices.find(({ value }) => value === wanted.overlaps)
  return (
    <form className="link-form" onSubmit={submit}>
      <TextField
        label="Branch"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        required
        maxLength={200}
        value={wanted.branch}
        onChange={(event) => setWanted({ ...wanted, branch: event.target.value })}
        hint="What is on another branch is pulled, and commits go there from then on."
      />
      <ModeField mode={wanted.mode} onChange={(mode) => setWanted({ ...wanted, mode })} />
      <SelectField
        label="When both change a line"
        value={wanted.overlaps}
        hint={overlap?.meaning}
        onChange={(event) => {
          const chosen = overlapChoices.find(({ value }) => value === event.target.value)
          if (chosen) setWanted({ ...wanted, overlaps: chosen.value })
        }}
      >
        {overlapChoices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      {update.error && <FormFault error={toApiError(update.error)} />}
      <Button type="submit" busy={update.isPending} disabled={!isChanged}>
        Change link
      </Button>
    </form>
  )
}
