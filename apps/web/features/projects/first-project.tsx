'use client'
// A workspace without projects: the ways to start one, and a word about company.

import { ChevronRight, FileText, Plus } from 'lucide-react'
import Link from 'next/link'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Field } from '../../components/field.tsx'
import { GitUrlInput } from '../../components/git-url-input.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import { membersPath } from '../../lib/paths.ts'
import type { NewProjectStart } from './new-project-dialog.tsx'

const ways = [
  { way: 'demo', icon: FileText, label: 'Start from the demo', detail: 'A few files to try live editing with' },
  { way: 'empty', icon: Plus, label: 'Start empty', detail: 'No files yet; you make the first one' },
] as const

/** The page of a workspace that has no project yet. */
export function FirstProject({
  workspace,
  canLink,
  onStart,
}: {
  workspace: string
  /** Linking to GitHub is for admins. */
  canLink: boolean
  onStart: (start: NewProjectStart) => void
}) {
  const [gitUrl, setGitUrl] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onStart({ way: 'git', gitUrl: gitUrl.trim() })
  }
  return (
    <div className="start">
      <h1>Start your first project</h1>
      <p className="quiet">
        A project is one tree of files with its Git history. You can link it to GitHub now or later.
      </p>
      <form onSubmit={submit}>
        <Field label="Paste any Git URL">
          {(control) => (
            <div className="row">
              <GitUrlInput
                {...control}
                className="input-lg grow"
                value={gitUrl}
                onChange={(event) => setGitUrl(event.target.value)}
              />
              <Button type="submit" kind="primary" size="lg">
                Open
              </Button>
            </div>
          )}
        </Field>
      </form>
      <ul className="sheet ways">
        {canLink && (
          <li>
            <button type="button" onClick={() => onStart({ way: 'github' })}>
              <GitHubMark size="lg" />
              <span className="grow">
                <b className="strong">Start from a GitHub repository</b>
                <span className="quiet">It stays linked: commits go there and come from there</span>
              </span>
              <Icon of={ChevronRight} className="faint" />
            </button>
          </li>
        )}
        {ways.map(({ way, icon, label, detail }) => (
          <li key={way}>
            <button type="button" onClick={() => onStart({ way })}>
              <Icon of={icon} size="lg" />
              <span className="grow">
                <b className="strong">{label}</b>
                <span className="quiet">{detail}</span>
              </span>
              <Icon of={ChevronRight} className="faint" />
            </button>
          </li>
        ))}
      </ul>
      <p className="faint" style={{ marginTop: 20 }}>
        Work is better in company.{' '}
        <Link className="link" href={membersPath(workspace)}>
          Invite by link
        </Link>
      </p>
    </div>
  )
}
