/** A call of GitHub's webhook as GitHub makes it. */
import { createHmac, randomUUID } from 'node:crypto'

export interface SignedDelivery {
  body: string
  headers: Record<string, string>
}

export function signDelivery(
  secret: string,
  event: string,
  payload: unknown,
  { id = randomUUID() as string, text = JSON.stringify(payload) } = {},
): SignedDelivery {
  return {
    body: text,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-delivery': id,
      'x-github-event': event,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
    },
  }
}
