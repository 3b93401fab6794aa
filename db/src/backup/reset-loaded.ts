/** What cannot go on as it stood when the backup was made, in the transaction that loads it. */
import type pg from 'pg'

/**
 * Further than a project can have counted between the backup and its loss, so that no number that was given out then (in an ETag, in the id of
 * an event) stands for something else now.
 */
const countsLostMax = 1_000_000

/** Leases end, claims of requests that nobody waits for any more go, counters step over what was lost. */
export async function resetLoaded(client: pg.ClientBase): Promise<void> {
  await client.query('update project set event_seq = event_seq + $1, tree_version = tree_version + $1', [countsLostMax])
  await client.query('update job set leased_until = now() where leased_until > now()')
  await client.query('update outbox set leased_until = null where leased_until is not null')
  await client.query('update repository set leased_until = null where leased_until is not null')
  await client.query('update document_state set compact_from = null where compact_from is not null')
  await client.query('delete from idempotency_key where status is null')
}
