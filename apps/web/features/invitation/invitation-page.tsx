'use client'
// An invitation by link: who invites to what, and one step to be there, signed in already or not.

import type { InvitationPreview, Me } from '@skein/protocol'
import { Link2Off } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { PageState } from '../../components/page-state.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { Bone } from '../../components/skeleton.tsx'
import { useMe, useRefreshMe } from '../../lib/api/account.ts'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { acceptInvitation, useInvitationPreview } from '../../lib/api/members.ts'
import { usePageTitle } from '../../lib/page-title.ts'
import { projectPath, workspacePath } from '../../lib/paths.ts'
import { roleMeanings, roleWithArticle } from '../../lib/roles.ts'
import { formatUntil } from '../../lib/time.ts'
import { FormFault } from '../account/form-fault.tsx'
import { FrontPage } from '../account/front-page.tsx'
import { SignInForm } from '../account/sign-in-form.tsx'
import { SignUpForm } from '../account/sign-up-form.tsx'
import { useSignOut } from '../account/use-sign-out.tsx'

/** Accepts the invitation and goes where it leads. */
function useAccept(token: string): () => Promise<void> {
  const router = useRouter()
  const refreshMe = useRefreshMe()
  return async () => {
    const { workspace, projectId } = await acceptInvitation(token)
    await refreshMe()
    router.replace(projectId ? projectPath(projectId) : workspacePath(workspace.slug))
  }
}

/** `/invitations/:token`; `hasSession` says whether asking who is signed in makes sense. */
export function InvitationPage({ token, hasSession }: { token: string; hasSession: boolean }) {
  const preview = useInvitationPreview(token)
  const me = useMe({ enabled: hasSession })
  usePageTitle(preview.data && `Invitation to ${preview.data.workspaceName}`)
  const error = preview.error && toApiError(preview.error)
  if (error) {
    return (
      <FrontPage>
        <Refused token={token} error={error} me={me.data} onRetry={() => void preview.refetch()} />
      </FrontPage>
    )
  }
  if (!preview.data || me.isLoading) {
    return (
      <FrontPage>
        <div className="stack" style={{ gap: 16 }}>
          <h1 className="sr-only">Invitation</h1>
          <Bone width="320px" height={20} />
          <Bone width="260px" />
        </div>
      </FrontPage>
    )
  }
  return (
    <FrontPage>
      <Words preview={preview.data} />
      {me.data ? <Accept token={token} me={me.data} preview={preview.data} /> : <Join token={token} />}
    </FrontPage>
  )
}

function Words({ preview }: { preview: InvitationPreview }) {
  return (
    <>
      <h1>
        {preview.invitedBy} invites you to{' '}
        {preview.projectName && (
          <>
            <span className="whole">{preview.projectName}</span> in{' '}
          </>
        )}
        <span className="whole">{preview.workspaceName}</span>
      </h1>
      <p>
        As {roleWithArticle(preview.role)} you can {roleMeanings[preview.role]}. The link ends{' '}
        {formatUntil(preview.expiresAt, new Date())}.
      </p>
    </>
  )
}

function Accept({ token, me, preview }: { token: string; me: Me; preview: InvitationPreview }) {
  const accept = useAccept(token)
  const { leave, question } = useSignOut(me, `/invitations/${encodeURIComponent(token)}`)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const submit = async () => {
    setBusy(true)
    setError(null)
    try {
      await accept()
    } catch (thrown) {
      setError(toApiError(thrown))
      setBusy(false)
    }
  }
  return (
    <>
      <div className="front-actions stack" style={{ gap: 14 }}>
        {error && <FormFault error={error} />}
        <Button kind="primary" size="lg" busy={isBusy} onClick={() => void submit()}>
          Join {preview.workspaceName}
        </Button>
      </div>
      {question}
      <p className="front-other">
        You are signed in as {me.email}.{' '}
        <button type="button" className="link" onClick={leave}>
          Use another account
        </button>
      </p>
    </>
  )
}

function Join({ token }: { token: string }) {
  const accept = useAccept(token)
  const [hasAccount, setHasAccount] = useState(false)
  return (
    <>
      <div className="front-actions">
        {hasAccount ? (
          <SignInForm action="Sign in and join" onSignedIn={accept} />
        ) : (
          <SignUpForm action="Create account and join" onSignedUp={accept} />
        )}
      </div>
      <p className="front-other">
        {hasAccount ? 'No account yet? ' : 'Have an account? '}
        <button type="button" className="link" onClick={() => setHasAccount(!hasAccount)}>
          {hasAccount ? 'Create one and join' : 'Sign in and join'}
        </button>
      </p>
    </>
  )
}

const titles: Partial<Record<ApiError['code'], string>> = {
  'invitation-expired': 'This invitation has ended',
  'invitation-used': 'This invitation was used already',
  'invitation-revoked': 'This invitation was withdrawn',
  'not-found': 'This invitation does not exist',
  'invalid-request': 'This invitation does not exist',
}

/** A link that leads nowhere; one that was used up still lets its own guests in. */
function Refused({
  token,
  error,
  me,
  onRetry,
}: {
  token: string
  error: ApiError
  me: Me | undefined
  onRetry: () => void
}) {
  const accept = useAccept(token)
  const title = titles[error.code]
  const [isStranger, setStranger] = useState(false)
  if (!title) return <ServerState error={error} onRetry={onRetry} />
  return (
    <PageState
      icon={Link2Off}
      title={title}
      actions={
        <>
          {error.code === 'invitation-used' && me && !isStranger && (
            <Button kind="primary" onClick={() => void accept().catch(() => setStranger(true))}>
              I was here before
            </Button>
          )}
          <LinkButton href="/">{me ? 'Your projects' : 'To the start'}</LinkButton>
        </>
      }
    >
      {error.code === 'not-found' || error.code === 'invalid-request'
        ? 'The link may have been cut when it was copied. Ask whoever sent it to send it once more.'
        : 'Nothing is lost: whoever sent it can make a new link in a moment.'}
    </PageState>
  )
}
