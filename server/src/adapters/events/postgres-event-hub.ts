/**
 * The event hub: rows in PostgreSQL are the channel, NOTIFY wakes every process that has listeners, and after a
 * broken connection everybody looks for themselves. Events without rows go to listeners here at once and to other
 * processes by NOTIFY, the newest of each kind at most four times a second, because every NOTIFY is a commit.
 */
import { randomUUID } from 'node:crypto'
import { type Database, eventQueries, type Sql } from '@skein/db'
import type { EphemeralEvent, PersistedEvent } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import type { EventHub, ProjectKey, RecordEvent } from '../../commands/event-hub.ts'
import { ChangesWatch } from './changes-watch.ts'
import { encodeRowsNotice, encodeToldNotices, NoticeReader } from './notice.ts'
import { ProjectChannel, rowsPerRead } from './project-channel.ts'

/** Events that are kept for clients that come back; a client that missed more reads everything anew. */
const eventsKept = 2_000
const pruneEvery = 200
/** Files in one event; a change of more files makes several events. */
const filesPerEvent = 500
const noticeDelayMs = 250
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
  readonly #process = randomUUID()
  readonly #channels = new Map<string, { project: ProjectKey; channel: ProjectChannel }>()
  readonly #lastTold = new LRUCache<string, Map<string, EphemeralEvent>>({ max: rememberedProjectsMax })
  readonly #unsent = new Map<string, { project: ProjectKey; event: EphemeralEvent }>()
  readonly #watch: ChangesWatch
  #messages = 0
  #sending: NodeJS.Timeout | undefined
  #unlisten: (() => void) | undefined

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database
    this.#onError = onError
    this.#watch = new ChangesWatch(
      database,
      () => [...this.#channels.values()].map(({ project }) => project),
      (project, event) => this.#tellHere(project, event),
      onError,
    )
  }

  /** Begins to hear other processes, and this one's own commits. */
  async start(): Promise<void> {
    const reader = new NoticeReader()
    this.#unlisten = await this.#database.listen(eventQueries.eventChannel, (payload) => {
      if (payload === null) {
        for (const { channel } of this.#channels.values()) channel.wake()
        return
      }
      const heard = reader.read(payload)
      if (heard?.is === 'rows') this.#channels.get(heard.projectId)?.channel.wake()
      if (heard?.is === 'told' && heard.from !== this.#process) this.#tellHere(heard.project, heard.event)
    })
    this.#watch.start()
  }

  stop(): void {
    this.#unlisten?.()
    this.#watch.stop()
    clearTimeout(this.#sending)
  }

  tell(project: ProjectKey, event: EphemeralEvent): void {
    this.#tellHere(project, event)
    this.#unsent.set(`${project.projectId} ${event.type}`, { project, event })
    this.#sending ??= setTimeout(() => {
      this.#sending = undefined
      this.#send().catch(this.#onError)
    }, noticeDelayMs).unref()
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

  #tellHere(project: ProjectKey, event: EphemeralEvent): void {
    const told = this.#lastTold.get(project.projectId) ?? new Map<string, EphemeralEvent>()
    this.#lastTold.set(project.projectId, told.set(event.type, event))
    this.#channels.get(project.projectId)?.channel.tell(event)
  }

  async #send(): Promise<void> {
    const unsent = [...this.#unsent.values()]
    this.#unsent.clear()
    for (const { project, event } of unsent) {
      const notices = encodeToldNotices({ from: this.#process, project, event }, this.#messages++)
      for (const notice of notices) await eventQueries.notifyProcesses(this.#database.instance, notice)
    }
  }

  #read<T>(project: ProjectKey, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#database.inWorkspace(project.workspaceId, work, { readOnly: true })
  }
}
