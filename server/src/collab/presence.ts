/**
 * Who is in a project, and in which of its files: told over the project's own channel whenever it changes, a few times a second at
 * most. It is what is attached here; nothing of it is stored.
 */
import type { AwarenessUser, FileId, ProjectId } from '@skein/protocol'
import type { EventHub, ProjectKey } from '../commands/event-hub.ts'
import type { Clock } from './clock.ts'
import type { Gate } from './gate.ts'

/** Changes within that time are told together: somebody who comes opens many files at once. */
const TELL_DELAY_MS = 200

export class ProjectPresence {
  readonly #events: Pick<EventHub, 'tell'>
  readonly #gates: ReadonlySet<Gate>
  readonly #clock: Clock
  /** How to take back what is about to be told. */
  readonly #timers = new Map<ProjectId, () => void>()

  constructor(events: Pick<EventHub, 'tell'>, gates: ReadonlySet<Gate>, clock: Clock) {
    this.#events = events
    this.#gates = gates
    this.#clock = clock
  }

  /** Tells it soon. */
  tell(project: ProjectKey): void {
    if (this.#timers.has(project.projectId)) return
    const cancel = this.#clock.after(TELL_DELAY_MS, () => {
      this.#timers.delete(project.projectId)
      this.#events.tell(project, { type: 'presence', people: this.of(project.projectId) })
    })
    this.#timers.set(project.projectId, cancel)
  }

  /** Everybody who has a document of the project open, ordered by id. */
  of(project: ProjectId): { person: AwarenessUser; fileIds: FileId[] }[] {
    const people = new Map<string, { person: AwarenessUser; fileIds: Set<FileId> }>()
    for (const gate of this.#gates) {
      for (const { open, user } of gate.attachments()) {
        if (open.facts.projectId !== project) continue
        const entry = people.get(user.id) ?? { person: user, fileIds: new Set() }
        people.set(user.id, entry)
        entry.fileIds.add(open.facts.fileId)
      }
    }
    const list = [...people.values()].map(({ person, fileIds }) => ({ person, fileIds: [...fileIds] }))
    return list.sort((a, b) => (a.person.id < b.person.id ? -1 : 1))
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }
}
