// The words of the admin's page. Numbers and states come from the server; nothing here claims more than it says.

import type { AdminOperation, GithubAppStatus, GithubDelivery } from '@skein/protocol'
import type { KnotKind } from '../../components/knot.tsx'
import type { OperationState } from '../../lib/api/admin.ts'

/** The states one can look for: what needs somebody comes first. */
export const operationFilters: readonly { value: OperationState | null; label: string; none: string }[] = [
  { value: 'failed', label: 'Failed', none: 'No operation failed.' },
  { value: 'held', label: 'Held', none: 'No operation is held.' },
  { value: 'running', label: 'Running', none: 'No operation runs now.' },
  { value: 'done', label: 'Done', none: 'No operation is done yet.' },
  { value: null, label: 'All', none: 'Nothing yet. The first push or pull of a linked project is told here.' },
]

/** Whether an operation can be tried again. */
export const canRetry = ({ state }: Pick<AdminOperation, 'state'>): boolean => state === 'failed' || state === 'held'

/** What the address of the webhook allows. */
export function webhookToWords({
  isReachable,
  lastDeliveryAt,
}: Pick<GithubAppStatus['webhook'], 'isReachable' | 'lastDeliveryAt'>): { knot: KnotKind; words: string } {
  if (lastDeliveryAt) return { knot: 'done', words: 'GitHub reaches' }
  return isReachable
    ? { knot: 'open', words: 'GitHub has not called yet' }
    : { knot: 'warn', words: 'GitHub cannot reach this address, so Skein looks by itself:' }
}

/** A delivery in a few words: "push", "installation, deleted". */
export function deliveryToTitle({ event, action }: Pick<GithubDelivery, 'event' | 'action'>): string {
  const words = event.replaceAll('_', ' ')
  return action === null ? words : `${words}, ${action.replaceAll('_', ' ')}`
}

/** What a delivery is about, as far as it says. */
export function deliveryToDetail({ ref, repositoryId, installationId }: GithubDelivery): string {
  const parts = [
    ref?.replace(/^refs\/(heads|tags)\//, ''),
    repositoryId === null ? null : `repository ${repositoryId}`,
    installationId === null ? null : `installation ${installationId}`,
  ]
  return parts.filter(Boolean).join(', ')
}

/** How far a delivery is. */
export function deliveryToState({ state, error, attempts }: GithubDelivery): { knot: KnotKind; words: string } {
  if (state === 'done') return { knot: 'done', words: 'Worked on' }
  return error ? { knot: 'warn', words: `Tried ${attempts} times` } : { knot: 'busy', words: 'Waits' }
}
