/**
 * The event hub: rows in PostgreSQL are the channel, NOTIFY wakes every process that has listeners, and after a
 * broken connection everybody looks for themselves. Events without rows go to the listeners here only: how many files
 * changed is looked up by every process, and who is where nodes tell each other.
 */
import { type Database, eventQueries, type Sql } from '@skein/db'
import type { EphemeralEvent, PersistedEvent } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type { EventHub, ProjectKey, RecordEvent } from '../../commands/event-hub.ts'
import { ChangesWatch } from './changes-watch.ts'
import { encodeRowsNotice, readRowsNotice } from './notice.ts'
import { ProjectChannel, rowsPerRead } from './project-channel.ts'

/** Events that are kept for clients that come back; a client that missed more reads everything anew. */
const eventsKept = 2_000
const pruneEvery = 200
/** Files in one event; a change of more files makes several events. */
const filesPerEvent = 500
/** Projects whose last ephemeral events are remembered for whoever comes later. */
const rememberedProjectsMax = 2_000

/** Adds the event to the project's rows in `tx`, in parts when it names very many files. */
export const recordEvent: RecordEvent = async (tx, project, event) => {
  for (const part of splitEvent(event)) {
    const seq = await eventQueries.insertEvent(tx, project, part, encodeRowsNotice(project))
    if (seq % pruneEvery === 0) await eventQueries.deleteEventsUpTo(tx, project.projectId, seq - eventsKept)
  }
}

function splitEvent(event: PersistedEvent): PersistedEvent[] {
  if ((event.type !== 'files-changed' && event.type !== 'files-deleted') || event.files.length <= filesPerEvent) {
    return [event]
  }
  const parts: PersistedEvent[] = []
  for (let at = 0; at < event.files.length; at += filesPerEvent) {
    parts.push({ ...event, files: event.files.slice(at, at + filesPerEvent) } as PersistedEvent)
  }
  return parts
}

export class PostgresEventHub implements EventHub {
  readonly record = recordEvent
  readonly #database: Database
  readonly #onError: (error: unknown) => void
  readonly #channels = new Map<string, { project: ProjectKey; channel: ProjectChannel }>()
  readonly #lastTold = new LRUCache<string, Map<string, EphemeralEvent>>({ max: rememberedProjectsMax })
  readonly #watch: ChangesWatch
  #unlisten: (() => void) | undefined

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database
    this.#onError = onError
    this.#watch = new ChangesWatch(
      database,
      () => [...this.#channels.values()].map(({ project }) => project),
      (project, event) => this.tell(project, event),
      onError,
    )
  }

  /** Begins to hear other processes, and this one's own commits. */
  async start(): Promise<void> {
    this.#unlisten = await this.#database.listen(eventQueries.eventChannel, (payload) => {
      if (payload === null) {
        for (const { channel } of this.#channels.values()) channel.wake()
        return
      }
      const project = readRowsNotice(payload)
      if (project) this.#channels.get(project)?.channel.wake()
    })
    this.#watch.start()
  }

  stop(): void {
    this.#unlisten?.()
    this.#watch.stop()
  }

  tell(project: ProjectKey, event: EphemeralEvent): void {
    const told = this.#lastTold.get(project.projectId) ?? new Map<string, EphemeralEvent>()
    this.#lastTold.set(project.projectId, told.set(event.type, event))
    this.#channels.get(project.projectId)?.channel.tell(event)
  }

  async subscribe(
    project: ProjectKey,
    after: number | null,
    listener: Parameters<EventHub['subscribe']>[2],
  ): Promise<() => void> {
    const window = await this.#read(project, (tx) => eventQueries.findEventWindow(tx, project.projectId))
    const last = window?.last ?? 0
    const first = window?.first ?? last + 1
    const isGone = after !== null && (after > last || after < first - 1)
    if (isGone) listener({ type: 'reset' }, last)
    for (const event of this.#lastTold.get(project.projectId)?.values() ?? []) listener(event, null)
    const entry = this.#open(project)
    const leave = await entry.channel.join(after === null || isGone ? last : after, listener)
    return () => {
      leave()
      if (entry.channel.isIdle && this.#channels.get(project.projectId) === entry) {
        this.#channels.delete(project.projectId)
      }
    }
  }

  #open(project: ProjectKey): { project: ProjectKey; channel: ProjectChannel } {
    const open = this.#channels.get(project.projectId)
    if (open) return open
    const read = (after: number) =>
      this.#read(project, (tx) => eventQueries.listEvents(tx, project.projectId, after, rowsPerRead))
    const entry = { project, channel: new ProjectChannel(read, this.#onError) }
    this.#channels.set(project.projectId, entry)
    return entry
  }

  #read<T>(project: ProjectKey, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#database.inWorkspace(project.workspaceId, work, { readOnly: true })
  }
}
