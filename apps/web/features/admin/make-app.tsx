'use client'
// Making the App: GitHub shows its own page with everything filled in, one names the App there, and comes back. GitHub takes the
// manifest only as a form that a browser posts, so a form is what leaves this page.

import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/field.tsx'
import { GitHubMark } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubManifest } from '../../lib/api/github-app.ts'
import { FormFault } from '../account/form-fault.tsx'
import '../github/github.css'

const validName = /^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i

/** Leaves the page with a form of one field. */
function postToGithub({ action, manifest }: { action: string; manifest: string }): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = action
  form.hidden = true
  const field = document.createElement('input')
  field.name = 'manifest'
  field.value = manifest
  form.append(field)
  document.body.append(form)
  form.submit()
}

export function MakeApp({ isReachable }: { isReachable: boolean }) {
  const begin = useGithubManifest()
  const [isOrganization, setOrganization] = useState(false)
  const [name, setName] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [isLeaving, setLeaving] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const wanted = name.trim()
    if (isOrganization && !validName.test(wanted)) {
      return setFault('The name as it stands in its address: github.com/name.')
    }
    const form = await begin.mutateAsync(isOrganization ? wanted : null).catch(() => null)
    if (!form) return
    setLeaving(true)
    postToGithub(form)
  }
  return (
    <form className="settings-form" noValidate onSubmit={(event) => void submit(event)}>
      {begin.error && <FormFault error={toApiError(begin.error)} />}
      {!isReachable && (
        <Notice title="GitHub cannot call this address.">
          The App is made without a webhook; Skein looks at GitHub by itself every some seconds or minutes.
        </Notice>
      )}
      <fieldset className="modes">
        <legend className="strong">Whose App it is</legend>
        <label className="check">
          <input type="radio" name="owner" checked={!isOrganization} onChange={() => setOrganization(false)} />
          <span>
            <span className="strong">Your own account</span>
            <span className="faint">Good to begin with; it can be handed over on GitHub later.</span>
          </span>
        </label>
        <label className="check">
          <input type="radio" name="owner" checked={isOrganization} onChange={() => setOrganization(true)} />
          <span>
            <span className="strong">An organisation</span>
            <span className="faint">You have to be one of its owners.</span>
          </span>
        </label>
      </fieldset>
      {isOrganization && (
        <TextField
          label="Organisation"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={39}
          value={name}
          onChange={(event) => {
            setFault(null)
            setName(event.target.value)
          }}
          hint="As it stands in its address: github.com/name."
          fault={fault}
        />
      )}
      <p className="faint">
        GitHub shows what the App may do and asks for its name; then you come back here. Whoever runs this Skein can
        also name an App of their own by <code>GITHUB_APP_ID</code> and <code>GITHUB_APP_PRIVATE_KEY</code>.
      </p>
      <Button type="submit" kind="primary" busy={begin.isPending || isLeaving}>
        <GitHubMark /> Create GitHub App
      </Button>
    </form>
  )
}
