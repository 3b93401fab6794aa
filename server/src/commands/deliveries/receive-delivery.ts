/**
 * A call of GitHub's webhook, from its bytes to its row. Nothing of it is believed before its signature is right, and nothing of it is used after but
 * which event it is and what it concerns: everything else is read from GitHub when the work is done, so that lost, repeated, reordered, thin and
 * oversized calls do no harm. GitHub waits ten seconds; the row is all that happens before the answer.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { deliveryQueries, type Tx } from '@skein/db'
import { Refusal } from '@skein/protocol'
import { z } from 'zod'
import type { GithubApps } from '../github-app/github-apps.ts'
import { notConfigured } from '../github-app/refuse-failure.ts'

export interface ReceiveDeps {
  tx: Tx
  apps: Pick<GithubApps, 'read'>
  /** Told of every call that is turned away, for the counts. */
  onRejected: () => void
}

/** The headers that GitHub sends with every call; without one of them it is somebody else's. */
export const DeliveryHeaders = z.object({
  'x-github-delivery': z.string().regex(/^[\w-]{1,100}$/),
  'x-github-event': z.string().regex(/^[a-z_]{1,60}$/),
  'x-hub-signature-256': z.string().regex(/^sha256=[\da-f]{64}$/),
})
export type DeliveryHeaders = z.infer<typeof DeliveryHeaders>

/** What is read of a payload. What is not as expected counts as not there: it only hints at less. */
const Facts = z.object({
  action: z.string().max(100).nullable().catch(null),
  installation: z.object({ id: z.int().positive() }).nullable().catch(null),
  repository: z.object({ id: z.int().positive() }).nullable().catch(null),
  ref: z.string().max(1000).nullable().catch(null),
})

/** Keeps a call whose signature is right; `done`: it came before, and its work is done. */
export async function receiveDelivery(
  { tx, apps, onRejected }: ReceiveDeps,
  headers: DeliveryHeaders,
  { chunks: body, isForm }: { chunks: AsyncIterable<Uint8Array>; isForm: boolean },
): Promise<'received' | 'done'> {
  const app = await apps.read()
  if (app === null || app.webhookSecret === null) throw notConfigured()
  const hmac = createHmac('sha256', app.webhookSecret)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) {
    hmac.update(chunk)
    chunks.push(chunk)
  }
  const told = Buffer.from(headers['x-hub-signature-256'].slice('sha256='.length), 'hex')
  if (!timingSafeEqual(hmac.digest(), told)) {
    onRejected()
    throw new Refusal('wrong-credentials', 'The signature of this call is not right.', {
      hint: 'The webhook secret here and on GitHub must be the same.',
    })
  }
  const { action, installation, repository, ref } = Facts.parse(readPayload(chunks, isForm))
  return deliveryQueries.receiveDelivery(tx, {
    id: headers['x-github-delivery'],
    event: headers['x-github-event'],
    action,
    installationId: installation?.id ?? null,
    repositoryId: repository?.id ?? null,
    ref,
  })
}

/** A payload that is no JSON object says nothing more than its headers do. As a form it is the text of one field. */
function readPayload(chunks: readonly Uint8Array[], isForm: boolean): object {
  try {
    const text = Buffer.concat(chunks).toString('utf8')
    const payload: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text)
    return typeof payload === 'object' && payload !== null ? { ...nothing, ...payload } : nothing
  } catch {
    return nothing
  }
}

const nothing = { action: null, installation: null, repository: null, ref: null }
