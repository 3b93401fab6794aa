'use client'
// What stands in the place of the form while nothing can be chosen: no App on this Skein, or no account that it is installed on.

import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { useMe } from '../../lib/api/account.ts'
import type { ApiError } from '../../lib/api/error.ts'
import { adminGithubPath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'

/** No App: who can make one, and the way there for whoever that is. */
export function NoApp() {
  const isAdmin = useMe().data?.isInstanceAdmin === true
  return (
    <Notice
      title="This Skein is not connected to GitHub yet."
      action={isAdmin && <LinkButton href={adminGithubPath}>Set up GitHub</LinkButton>}
    >
      <p>
        {isAdmin
          ? 'You are its admin: you can make its GitHub App in two steps.'
          : 'Its admin, whoever made the first account, can set that up. Until then any Git client can clone the project from here.'}
      </p>
    </Notice>
  )
}

/** No account yet: what connecting does, and the button. */
export function NoInstallation({
  isBusy,
  error,
  onConnect,
}: {
  isBusy: boolean
  error: ApiError | null
  onConnect: () => void
}) {
  return (
    <div className="github-first">
      {error && <FormFault error={error} />}
      <p className="quiet">
        Choose on GitHub which account Skein may work with, and which of its repositories. You come back here, and
        nothing is pulled or pushed before you link one.
      </p>
      <Button kind="primary" busy={isBusy} onClick={onConnect}>
        <GitHubMark /> Connect GitHub
      </Button>
    </div>
  )
}

/** A link to a page of GitHub, in a tab of its own. */
export function OpenOnGithub({ href, children = 'Open on GitHub' }: { href: string; children?: ReactNode }) {
  return (
    <a className="btn" href={href} target="_blank" rel="noreferrer">
      {children} <Icon of={ExternalLink} size="sm" className="faint" />
    </a>
  )
}
