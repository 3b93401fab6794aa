/**
 * What the collaboration server tells Prometheus: few labels from short closed lists, never an id. docs/metrics.md lists them for
 * operators.
 */
import type { Metrics } from '../observability/metrics.ts'

export interface CollabMetrics {
  /** From the arrival of an edit to the moment its acknowledgement left. */
  acknowledged(seconds: number): void
  /** From the arrival of an edit to the moment its last frame to a viewer on this node was handed to a socket. */
  fannedOut(seconds: number): void
  batch(documents: number, updates: number, seconds: number): void
  /** A commit of the log failed and is tried again. */
  commitFailed(): void
  delivered(frames: number): void
  refused(reason: string): void
  /** Bytes of answers that wait for a commit; negative when they leave. */
  held(bytes: number): void
  /** A document was read into memory. */
  loaded(seconds: number): void
  /** A document left memory. */
  evicted(): void
  /** A reader that did not keep up was closed. */
  slowReaderClosed(): void
  /** Presence was not sent to a reader that lags. */
  presenceDropped(): void
  /** Sockets were cut because somebody lost a right, or may have. */
  accessCut(why: AccessCut): void
  /** Rows and presence that nodes tell each other. */
  relayed(way: 'published' | 'received'): void
  /** Rows that the relay did not bring were read from the database. */
  gapRepaired(): void
}

/** Why sockets were cut: word of a change, or a look at the database that found one. */
export type AccessCut = 'changed' | 'found'

/** What is read whenever metrics are asked for. */
export interface CollabReadings {
  openDocuments(): number
  /** What the documents in memory take, as far as it is known. */
  openBytes?(): number
  /** Bytes and number of updates that are not committed yet. */
  queuedBytes(): number
  queuedUpdates(): number
}

/** Registers the metrics of one node. */
export const createCollabMetrics = (metrics: Metrics, read: CollabReadings): CollabMetrics => {
  const { counter, counterBy, durations, gauge, sizes } = metrics
  const documents = sizes('skein_collab_commit_documents', 'Documents of one commit of the log')
  const updates = sizes('skein_collab_commit_updates', 'Updates of one commit of the log')
  const committed = durations('skein_collab_commit_seconds', 'Time that one commit of the log takes')
  const accessCuts = counterBy('skein_collab_access_cuts_total', 'Sockets cut after a change of rights', 'why')
  const relayed = counterBy('skein_collab_relay_messages_total', 'Messages between nodes', 'way')
  let heldBytes = 0
  gauge('skein_collab_open_documents', 'Documents in memory', read.openDocuments)
  if (read.openBytes) gauge('skein_collab_open_bytes', 'Bytes of the documents in memory', read.openBytes)
  gauge('skein_collab_queued_bytes', 'Bytes of updates that are not committed yet', read.queuedBytes)
  gauge('skein_collab_queued_updates', 'Updates that are not committed yet', read.queuedUpdates)
  gauge('skein_collab_held_bytes', 'Answers that wait for a commit', () => heldBytes)
  return {
    acknowledged: durations('skein_collab_ack_seconds', 'Time from an edit to its durable acknowledgement'),
    fannedOut: durations('skein_collab_fanout_seconds', 'Time from an edit to its last frame for a viewer'),
    batch: (documentCount, updateCount, seconds) => {
      documents(documentCount)
      updates(updateCount)
      committed(seconds)
    },
    commitFailed: counter('skein_collab_commit_failures_total', 'Commits of the log that were tried again'),
    delivered: counter('skein_collab_delivered_total', 'Update frames that were sent to viewers'),
    refused: counterBy('skein_collab_refused_total', 'Frames and documents that were refused', 'reason'),
    held: (bytes) => {
      heldBytes += bytes
    },
    loaded: durations('skein_collab_load_seconds', 'Time that reading a document into memory takes'),
    evicted: counter('skein_collab_evictions_total', 'Documents that left memory'),
    slowReaderClosed: counter('skein_collab_slow_readers_closed_total', 'Readers that did not keep up and were closed'),
    presenceDropped: counter('skein_collab_presence_dropped_total', 'Presence that was not sent to readers that lag'),
    accessCut: accessCuts,
    relayed,
    gapRepaired: counter('skein_collab_gaps_repaired_total', 'Times that missed rows were read from the database'),
  }
}
