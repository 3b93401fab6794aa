/**
 * Port: the project's own channel. Persisted events are rows, written in the transaction of what they tell (see `recordEvent`), announced
 * after its commit; ephemeral ones live only as long as somebody listens.
 */
import type { Tx } from '@skein/db'
import type { EphemeralEvent, PersistedEvent, ProjectEvent, ProjectId, WorkspaceId } from '@skein/protocol'

export interface ProjectKey {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** Adds the event to the project's channel in `tx`, and wakes the listeners when it commits. */
export type RecordEvent = (tx: Tx, project: ProjectKey, event: PersistedEvent) => Promise<void>

export interface EventHub {
  record: RecordEvent
  /** To the listeners of this node. */
  tell(project: ProjectKey, event: EphemeralEvent): void
  /** `after` null: from now on. The listener is called in order; `id` is null for ephemeral events. */
  subscribe(
    project: ProjectKey,
    after: number | null,
    listener: (event: ProjectEvent, id: number | null) => void,
  ): Promise<() => void>
}
