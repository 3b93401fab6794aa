'use client'
// The accounts on GitHub that a workspace works with, for its admins: what the App may do there, where that is changed, and another
// try for all linked projects.

import type { GithubInstallation, Workspace } from '@skein/protocol'
import { ExternalLink, Plus } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { GitHubMark, Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toast.tsx'
import { useInstance, useMe } from '../../lib/api/account.ts'
import { toApiError } from '../../lib/api/error.ts'
import { useInstallations, useReleaseInstallation } from '../../lib/api/installations.ts'
import { installationsPath } from '../../lib/paths.ts'
import { FormFault } from '../account/form-fault.tsx'
import { AccountNotice } from './account-field.tsx'
import { ClaimForm } from './claim-form.tsx'
import { NoApp, NoInstallation } from './connect-states.tsx'
import { takeReturnPath } from './github-return.ts'
import { SyncAll } from './sync-all.tsx'
import { useConnect } from './use-connect.ts'
import './github.css'

/** The section of a workspace's settings; also where GitHub sends the browser when the App was installed. */
export function InstallationsSection({ workspace }: { workspace: Workspace }) {
  const { slug } = workspace
  const instance = useInstance().data
  const isAdmin = useMe().data?.isInstanceAdmin === true
  const isConfigured = instance?.githubConfigured === true
  const installations = useInstallations(slug, { enabled: isConfigured })
  const arrival = useArrival(slug)
  const known = installations.data?.map(({ installationId }) => installationId) ?? []
  const { connect, isBusy, error } = useConnect(slug, installationsPath(slug), known)
  return (
    <section id="github" aria-labelledby="github-title">
      <div className="section-head">
        <div className="grow">
          <h2 id="github-title">GitHub</h2>
          <p className="quiet">
            Accounts and organisations whose repositories the projects of {workspace.name} can be linked to. Which
            repositories these are is chosen on GitHub.
          </p>
        </div>
        {known.length > 0 && (
          <Button busy={isBusy} onClick={() => connect()}>
            <Icon of={Plus} size="sm" /> Connect another account
          </Button>
        )}
      </div>
      <ArrivalNotice arrival={arrival} isBusy={isBusy} onConnect={connect} />
      {error && known.length > 0 && <FormFault error={error} />}
      {instance && !isConfigured ? (
        <NoApp />
      ) : installations.isError && !installations.data ? (
        <Notice
          kind="bad"
          title={toApiError(installations.error).message}
          action={<Button onClick={() => void installations.refetch()}>Try again</Button>}
        >
          {toApiError(installations.error).hint}
        </Notice>
      ) : !installations.data ? (
        <Bone width="100%" height={60} />
      ) : installations.data.length === 0 ? (
        <NoInstallation isBusy={isBusy} error={error} onConnect={() => connect()} />
      ) : (
        <>
          <InstallationList workspace={slug} installations={installations.data} />
          <SyncAll workspace={slug} />
        </>
      )}
      {isConfigured && isAdmin && <ClaimForm workspace={slug} />}
    </section>
  )
}

/** What GitHub's way back says in the address. */
type Arrival = { what: 'bound' | 'requested' | 'installed' | null; installationId: number | null }

/** Reads it once, goes on to where one left from, and takes it out of the address. */
function useArrival(slug: string): Arrival {
  const query = useSearchParams()
  const router = useRouter()
  const path = usePathname()
  const told = query.get('github')
  const [arrival] = useState<Arrival>(() => ({
    what: told === 'bound' || told === 'requested' || told === 'installed' ? told : null,
    installationId: Number(query.get('installation')) || null,
  }))
  const isRead = useRef(false)
  useEffect(() => {
    if (told === null || isRead.current) return
    isRead.current = true
    const back = told === 'bound' ? takeReturnPath(slug) : null
    router.replace(back ?? `${path}#github`)
  }, [told, slug, path, router])
  return arrival
}

function ArrivalNotice({
  arrival: { what, installationId },
  isBusy,
  onConnect,
}: {
  arrival: Arrival
  isBusy: boolean
  onConnect: (installationId?: number) => void
}) {
  if (what === 'bound') {
    return <Notice kind="good" title="GitHub is connected. Projects can be linked to its repositories now." />
  }
  if (what === 'requested') {
    return (
      <Notice title="GitHub has asked the owners of the organisation.">
        When one of them has allowed the App, connect it here again.
      </Notice>
    )
  }
  if (what === 'installed' && installationId !== null) {
    return (
      <Notice
        title="The GitHub App was installed on GitHub."
        action={
          <Button busy={isBusy} onClick={() => onConnect(installationId)}>
            Connect it to this workspace
          </Button>
        }
      >
        It belongs to no workspace yet. GitHub is asked once whether you may use it.
      </Notice>
    )
  }
  return null
}

function InstallationList({
  workspace,
  installations,
}: {
  workspace: string
  installations: readonly GithubInstallation[]
}) {
  const release = useReleaseInstallation(workspace)
  const toast = useToast()
  const remove = ({ installationId, account }: GithubInstallation) =>
    release.mutate(installationId, {
      onSuccess: () =>
        toast({
          words: (
            <>
              <b className="strong">{account}</b> is not connected any more; on GitHub the App stays installed
            </>
          ),
        }),
    })
  return (
    <>
      {release.error && <FormFault error={toApiError(release.error)} />}
      <ul className="card rows installations" aria-label="Connected accounts">
        {installations.map((installation) => (
          <li key={installation.installationId}>
            <GitHubMark />
            <span className="grow">
              <b className="strong clip" title={installation.account}>
                {installation.account}
              </b>
              <span className="faint">{permissionsToWords(installation.permissions)}</span>
            </span>
            {installation.isSuspended && <span className="chip chip-warn">Suspended</span>}
            <a className="btn btn-sm" href={installation.settingsUrl} target="_blank" rel="noreferrer">
              Settings on GitHub <Icon of={ExternalLink} size="sm" className="faint" />
            </a>
            <Button
              size="sm"
              aria-label={`Disconnect ${installation.account}`}
              busy={release.isPending && release.variables === installation.installationId}
              onClick={() => remove(installation)}
            >
              Disconnect
            </Button>
          </li>
        ))}
      </ul>
      {installations.map((installation) => (
        <AccountNotice key={installation.installationId} installation={installation} />
      ))}
    </>
  )
}

const permissionWords: readonly [string, string][] = [
  ['contents', 'repositories'],
  ['pull_requests', 'pull requests'],
  ['workflows', 'workflows'],
]

/** "May write repositories and pull requests"; what GitHub has not told is left open. */
function permissionsToWords(permissions: GithubInstallation['permissions']): string {
  const written = permissionWords.flatMap(([name, words]) => (permissions[name] === 'write' ? [words] : []))
  if (written.length === 0) return 'What it may do is not known yet'
  return `May write ${new Intl.ListFormat('en-GB').format(written)}`
}
