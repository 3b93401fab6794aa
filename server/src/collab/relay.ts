/**
 * Port: what nodes tell each other about live documents. It carries, it does not keep: a message may be late, twice, in another order or
 * lost, and nothing is wrong then but the latency, because every row stands in PostgreSQL (DL5). Messages of one node about one document
 * usually come in order; a node does not hear itself, and of documents only those that it has joined. `relay.contract.ts` holds every
 * implementation to it. Without other nodes `NO_RELAY` stands here.
 */
import type { AwarenessUser, DocumentId, FileId } from '@skein/protocol'
import type { ProjectKey } from '../commands/event-hub.ts'

/** A committed row of the log, exactly as it stands in the database. */
export interface RelayedRow {
  document: DocumentId
  /** Rows of another epoch are of another history: they must not meet. */
  epoch: number
  /** Of the store, in which the row has its number: when the store has gone back, other rows get it anew. */
  timeline: number
  seq: number
  payload: Uint8Array
}

/** What a node shows of presence in one document: an awareness update of its own connections, removals as null states. */
export interface RelayedPresence {
  document: DocumentId
  /** The node that its connections belong to. */
  node: string
  update: Uint8Array
  /** It names everybody whom the node shows in the document: whoever is not in it has left. */
  isWhole: boolean
}

/** Somebody in a project, and the files that they have open. */
export interface PersonInProject {
  person: AwarenessUser
  fileIds: FileId[]
}

/** Everybody whom a node has in a project; the whole list each time, an empty one when the last has left. */
export interface RelayedPeople {
  project: ProjectKey
  node: string
  people: PersonInProject[]
}

export interface RelayListener {
  onRow(row: RelayedRow): void
  onPresence(presence: RelayedPresence): void
  /** A node joined the document and does not know yet who is in it: everybody shows their own once more. */
  onPresenceAsked(document: DocumentId): void
  onPeople(people: RelayedPeople): void
  /** A node began, or was away: everybody shows the people of all their projects once more. */
  onPeopleAsked(): void
  /** A node has gone, by its word or by its silence: what it showed is not true any more. */
  onNodeGone(node: string): void
  /** Messages may have been lost: compare heads now instead of at the next round. */
  onReconnected(): void
}

export interface Relay {
  /** Begins to listen; called once. */
  start(listener: RelayListener): Promise<void>
  /** Resolves when rows of the document published from then on arrive here; while the transport is away it resolves all the same. */
  join(document: DocumentId): Promise<void>
  leave(document: DocumentId): void
  publish(row: RelayedRow): void
  showPresence(document: DocumentId, update: Uint8Array, isWhole: boolean): void
  askPresence(document: DocumentId): void
  showPeople(project: ProjectKey, people: PersonInProject[]): void
  /** Says goodbye to the other nodes. */
  stop(): Promise<void>
}

/** One node alone. */
export const NO_RELAY: Relay = {
  start: async () => {},
  join: async () => {},
  leave: () => {},
  publish: () => {},
  showPresence: () => {},
  askPresence: () => {},
  showPeople: () => {},
  stop: async () => {},
}
