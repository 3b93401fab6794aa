'use client'
// Whether GitHub's calls arrive: what the address allows, when the last one came, what waits, what was refused.

import type { GithubAppStatus } from '@skein/protocol'
import type { ReactNode } from 'react'
import { Knot, type KnotKind } from '../../components/knot.tsx'
import { formatAgo, formatExactly } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import { webhookToWords } from './admin-words.ts'

export function WebhookHealth({ webhook }: { webhook: GithubAppStatus['webhook'] }) {
  const now = useNow()
  const { url, lastDeliveryAt, received24h, waiting, rejected24h } = webhook
  const { knot, words } = webhookToWords(webhook)
  // Nothing is known to work before the first call.
  const quiet = lastDeliveryAt ? 'done' : 'open'
  return (
    <div className="card facts-card">
      <Fact knot={knot}>
        <span className="grow">
          {words} <code className="faint">{url}</code>
        </span>
      </Fact>
      <Fact knot={quiet}>
        {lastDeliveryAt ? (
          <span title={formatExactly(lastDeliveryAt)}>
            Last delivery {formatAgo(lastDeliveryAt, now)}, <span className="num">{received24h}</span> in the last 24
            hours
          </span>
        ) : (
          'No delivery yet'
        )}
      </Fact>
      <Fact knot={waiting > 0 ? 'busy' : quiet}>
        {waiting === 0
          ? 'None waits to be worked on'
          : `${waiting} ${waiting === 1 ? 'waits' : 'wait'} to be worked on`}
      </Fact>
      <Fact knot={rejected24h > 0 ? 'warn' : quiet}>
        {rejected24h === 0
          ? 'None was turned away in the last 24 hours'
          : `${rejected24h} turned away in the last 24 hours: not signed with the secret of this App`}
      </Fact>
    </div>
  )
}

function Fact({ knot, children }: { knot: KnotKind; children: ReactNode }) {
  return (
    <div>
      <Knot kind={knot} />
      {children}
    </div>
  )
}
