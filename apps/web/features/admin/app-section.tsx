'use client'
// The GitHub App of this instance: none yet, named by the settings, or made here.

import type { GithubAppStatus } from '@skein/protocol'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { DeleteDialog } from '../../components/delete-dialog.tsx'
import { GitHubMark } from '../../components/icon.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useGithubApp, useRemoveGithubApp } from '../../lib/api/github-app.ts'
import { OpenOnGithub } from '../github/connect-states.tsx'
import { LockedApp } from './locked-app.tsx'
import { MakeApp } from './make-app.tsx'
import { WebhookHealth } from './webhook-health.tsx'

export function AppSection() {
  const query = useGithubApp()
  const error = query.error ? toApiError(query.error) : null
  // What was known before the secrets stopped to open counts no more.
  const status = error?.code === 'github-not-configured' ? undefined : query.data
  return (
    <section id="app" aria-labelledby="app-title">
      <div>
        <h2 id="app-title">GitHub App</h2>
        <p className="quiet">
          Skein works with GitHub as an App of its own: with the rights that sync needs, and only in repositories that
          people give to it.
        </p>
      </div>
      {!status && query.isPending && (
        <div className="card facts-card" aria-busy="true" role="status" aria-label="Asking about the App">
          <div>
            <Bone width="220px" />
          </div>
          <div>
            <Bone width="300px" />
          </div>
        </div>
      )}
      {error?.code === 'github-not-configured' && <LockedApp error={error} />}
      {!status && error && error.code !== 'github-not-configured' && (
        <ServerState error={error} onRetry={() => void query.refetch()} />
      )}
      {status?.source === 'none' && <MakeApp isReachable={status.webhook.isReachable} />}
      {status && status.source !== 'none' && <App status={status} />}
    </section>
  )
}

const sourceWords: Record<Exclude<GithubAppStatus['source'], 'none'>, string> = {
  settings: 'Named by the settings of this Skein; whoever runs it changes it there.',
  manifest: 'Made here; its private key and secrets are stored encrypted.',
}

function App({ status }: { status: GithubAppStatus }) {
  const { app, source, installUrl } = status
  if (!app || source === 'none') return null
  const name = app.name ?? `App ${app.id}`
  return (
    <>
      <div className="card facts-card">
        <div>
          <GitHubMark />
          <span className="grow">
            {app.url ? (
              <a className="link strong" href={app.url} target="_blank" rel="noreferrer">
                {name}
              </a>
            ) : (
              <b className="strong">{name}</b>
            )}{' '}
            <span className="faint num">App {app.id}</span>
          </span>
          {installUrl && <OpenOnGithub href={installUrl}>Install on GitHub</OpenOnGithub>}
        </div>
        <div className="faint">
          {sourceWords[source]}
          {app.name === null && ' GitHub did not answer when it was asked for the name.'}
        </div>
      </div>
      <WebhookHealth webhook={status.webhook} />
      {source === 'manifest' && <RemoveApp name={name} />}
    </>
  )
}

function RemoveApp({ name }: { name: string }) {
  const remove = useRemoveGithubApp()
  const toast = useToast()
  const [isAsked, setAsked] = useState(false)
  return (
    <div>
      <Button onClick={() => setAsked(true)}>Remove App</Button>
      <DeleteDialog
        open={isAsked}
        title={`Remove ${name}`}
        verb="remove"
        name={name}
        action="Remove App"
        busy={remove.isPending}
        error={remove.error ? toApiError(remove.error) : null}
        onDelete={() =>
          remove.mutate(name, {
            onSuccess: () => {
              setAsked(false)
              toast({ words: <>{name} is removed here; delete it on GitHub as well</> })
            },
          })
        }
        onClose={() => {
          remove.reset()
          setAsked(false)
        }}
      >
        Files and history of all projects stay, and so does everything on GitHub. Linked projects neither push nor pull
        from then on. Its keys cannot come back: the next App is another one.
      </DeleteDialog>
    </div>
  )
}
