// One token: what it is for, when it was used, when it ends, what it may do.

import type { ApiToken } from '@skein/protocol'
import { Button } from '../../components/button.tsx'
import type { ApiError } from '../../lib/api/error.ts'
import { formatAgo, formatUntil } from '../../lib/time.ts'

const soonMs = 7 * 24 * 60 * 60 * 1000

function tokenToWords(token: ApiToken, workspace: string | undefined, now: Date): string {
  const words = [token.lastUsedAt ? `Used ${formatAgo(token.lastUsedAt, now)}` : 'Never used']
  if (token.expiresAt) {
    words.push(`${new Date(token.expiresAt) <= now ? 'ended' : 'ends'} ${formatUntil(token.expiresAt, now)}`)
  }
  if (workspace) words.push(`${workspace} only`)
  return words.join(', ')
}

/** A row of the list. */
export function TokenRow({
  token,
  workspace,
  now,
  isBusy,
  error,
  onRevoke,
}: {
  token: ApiToken
  workspace: string | undefined
  now: Date
  isBusy: boolean
  error: ApiError | null
  onRevoke: () => void
}) {
  const restMs =
    token.expiresAt === null ? Number.POSITIVE_INFINITY : new Date(token.expiresAt).getTime() - now.getTime()
  return (
    <li>
      <span className="grow">
        <b className="strong clip" title={token.name}>
          {token.name} <code className="faint xs">…{token.hint}</code>
        </b>
        <span className="faint">{tokenToWords(token, workspace, now)}</span>
        {error && (
          <span className="bad xs" role="alert">
            {error.message} {error.hint}
          </span>
        )}
      </span>
      <span className="scopes">
        {token.scopes.map((scope) => (
          <code key={scope} className="chip">
            {scope}
          </code>
        ))}
        {restMs <= 0 ? (
          <span className="chip chip-bad">Ended</span>
        ) : (
          restMs < soonMs && <span className="chip chip-warn">Ends soon</span>
        )}
      </span>
      <Button size="sm" busy={isBusy} aria-label={`Revoke ${token.name}`} onClick={onRevoke}>
        Revoke
      </Button>
    </li>
  )
}
