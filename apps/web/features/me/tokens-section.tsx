'use client'
// One's API tokens: made here, shown once, revoked at any time. A token in use asks for its name first, because what
// works with it stops at once.

import type { ApiToken, CreatedToken, Me } from '@skein/protocol'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { DeleteDialog } from '../../components/delete-dialog.tsx'
import { Icon } from '../../components/icon.tsx'
import { Notice } from '../../components/notice.tsx'
import { ServerState } from '../../components/server-state.tsx'
import { RowsSkeleton } from '../../components/skeleton.tsx'
import { useToast } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { useRevokeToken, useTokens } from '../../lib/api/tokens.ts'
import { useNow } from '../../lib/use-now.ts'
import { NewTokenForm } from './new-token-form.tsx'
import { TokenRow } from './token-row.tsx'

/** The section of `/me`. */
export function TokensSection({ me }: { me: Me }) {
  const tokens = useTokens()
  const [isCreating, setCreating] = useState(false)
  const [fresh, setFresh] = useState<CreatedToken | null>(null)
  return (
    <section id="tokens" aria-labelledby="tokens-title">
      <div className="section-head">
        <div className="grow">
          <h2 id="tokens-title">Tokens</h2>
          <p className="quiet">
            A program works here with one of your tokens, never with more rights than you have. For Git it is the
            password; the user name is free.
          </p>
        </div>
        {!isCreating && (
          <Button
            kind="primary"
            onClick={() => {
              setFresh(null)
              setCreating(true)
            }}
          >
            <Icon of={Plus} size="sm" /> New token
          </Button>
        )}
      </div>
      {fresh && <FreshToken token={fresh} />}
      {isCreating && (
        <NewTokenForm
          me={me}
          onCancel={() => setCreating(false)}
          onCreated={(token) => {
            setFresh(token)
            setCreating(false)
          }}
        />
      )}
      {tokens.isPending ? (
        <RowsSkeleton label="Tokens are loading" rows={2} />
      ) : tokens.isError ? (
        <ServerState error={toApiError(tokens.error)} onRetry={() => void tokens.refetch()} />
      ) : (
        <TokenList tokens={tokens.data.items} me={me} isQuiet={isCreating || fresh !== null} />
      )}
    </section>
  )
}

function FreshToken({ token }: { token: CreatedToken }) {
  return (
    <section className="card" aria-label="New token">
      <Notice kind="good" title={`“${token.name}” is ready.`} className="fresh-token">
        Copy it now. It is shown once and stored only as a hash.
      </Notice>
      <div className="copy-line">
        <code className="grow clip">{token.token}</code>
        <CopyButton text={token.token} label="Copy token" />
      </div>
    </section>
  )
}

function TokenList({ tokens, me, isQuiet }: { tokens: readonly ApiToken[]; me: Me; isQuiet: boolean }) {
  const now = useNow()
  const toast = useToast()
  const revoke = useRevokeToken()
  const [asked, setAsked] = useState<ApiToken | null>(null)
  const run = (token: ApiToken) =>
    revoke.mutate(token.id, {
      onSuccess: () => {
        setAsked(null)
        toast({ icon: KeyRound, words: <>“{token.name}” is revoked; it opens nothing now</> })
      },
    })
  if (tokens.length === 0) {
    return isQuiet ? null : <p className="faint none-yet">No token yet.</p>
  }
  return (
    <>
      <ul className="card rows tokens" aria-label="Your tokens">
        {tokens.map((token) => (
          <TokenRow
            key={token.id}
            token={token}
            workspace={me.workspaces.find((workspace) => workspace.id === token.workspaceId)?.name}
            now={now}
            isBusy={revoke.isPending && revoke.variables === token.id}
            error={revoke.error && revoke.variables === token.id && !asked ? toApiError(revoke.error) : null}
            onRevoke={() => (token.lastUsedAt ? setAsked(token) : run(token))}
          />
        ))}
      </ul>
      <DeleteDialog
        open={asked !== null}
        title={`Revoke ${asked?.name ?? ''}`}
        verb="revoke"
        name={asked?.name ?? ''}
        action="Revoke token"
        busy={revoke.isPending}
        error={asked && revoke.error ? toApiError(revoke.error) : null}
        onDelete={() => asked && run(asked)}
        onClose={() => setAsked(null)}
      >
        It is in use. Whatever works with it stops at once, and a revoked token cannot come back.
      </DeleteDialog>
    </>
  )
}
