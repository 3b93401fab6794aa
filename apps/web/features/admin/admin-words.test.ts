import type { GithubDelivery } from '@skein/protocol'
import { expect, test } from 'vitest'
import { canRetry, deliveryToDetail, deliveryToState, deliveryToTitle, webhookToWords } from './admin-words.ts'

const delivery: GithubDelivery = {
  id: 'd1',
  event: 'pull_request',
  action: 'review_requested',
  installationId: 3,
  repositoryId: 7,
  ref: 'refs/heads/main',
  state: 'received',
  attempts: 0,
  error: null,
  receivedAt: '2026-01-04T09:00:00.000Z',
  doneAt: null,
}

test('a delivery is told by its event, what it is about, and how far it is', () => {
  expect(deliveryToTitle(delivery)).toBe('pull request, review requested')
  expect(deliveryToTitle({ event: 'push', action: null })).toBe('push')
  expect(deliveryToDetail(delivery)).toBe('main, repository 7, installation 3')
  expect(deliveryToState(delivery)).toEqual({ knot: 'busy', words: 'Waits' })
  expect(deliveryToState({ ...delivery, attempts: 3, error: 'away' }).words).toBe('Tried 3 times')
  expect(deliveryToState({ ...delivery, state: 'done' }).knot).toBe('done')
})

test('the webhook is said to be reached only once GitHub has called', () => {
  expect(webhookToWords({ isReachable: true, lastDeliveryAt: null }).knot).toBe('open')
  expect(webhookToWords({ isReachable: false, lastDeliveryAt: null }).knot).toBe('warn')
  expect(webhookToWords({ isReachable: true, lastDeliveryAt: delivery.receivedAt }).knot).toBe('done')
})

test('only what failed or is held can be tried again', () => {
  const states = ['running', 'done', 'failed', 'held'] as const
  expect(states.filter((state) => canRetry({ state }))).toEqual(['failed', 'held'])
})
