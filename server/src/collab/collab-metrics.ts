/** What the collaboration server tells Prometheus: few labels, never an id. */
import type { Metrics } from '../observability/metrics.ts'

export interface CollabMetrics {
  /** From the arrival of an edit to the moment its acknowledgement left. */
  acknowledged(seconds: number): void
  batch(documents: number, updates: number, seconds: number): void
  delivered(frames: number): void
  refused(reason: string): void
  /** Bytes of answers that wait for a commit. */
  held(bytes: number): void
}

export const createCollabMetrics = (
  metrics: Metrics,
  read: { openDocuments(): number; queuedBytes(): number },
): CollabMetrics => {
  const acknowledged = metrics.durations('skein_collab_ack_seconds', 'Time from an edit to its durable acknowledgement')
  const documents = metrics.sizes('skein_collab_commit_documents', 'Documents of one commit of the log')
  const updates = metrics.sizes('skein_collab_commit_updates', 'Updates of one commit of the log')
  const committed = metrics.durations('skein_collab_commit_seconds', 'Time that one commit of the log takes')
  const delivered = metrics.counter('skein_collab_delivered_total', 'Update frames that were sent to viewers')
  const refused = metrics.counterBy('skein_collab_refused_total', 'Frames and documents that were refused', 'reason')
  let heldBytes = 0
  metrics.gauge('skein_collab_open_documents', 'Documents in memory', read.openDocuments)
  metrics.gauge('skein_collab_queued_bytes', 'Updates that are not committed yet', read.queuedBytes)
  metrics.gauge('skein_collab_held_bytes', 'Answers that wait for a commit', () => heldBytes)
  return {
    acknowledged,
    batch: (documentCount, updateCount, seconds) => {
      documents(documentCount)
      updates(updateCount)
      committed(seconds)
    },
    delivered,
    refused,
    held: (bytes) => {
      heldBytes += bytes
    },
  }
}
