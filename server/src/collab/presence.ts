/**
 * Who is in a project, and in which of its files: told over the project's own channel whenever it changes, a few times a second at
 * most. It is what is attached here; nothing of it is stored.
 */
import type { AwarenessUser, FileId, ProjectId } from '@skein/protocol'
import type { EventHub, ProjectKey } from '../commands/event-hub.ts'
import type { Gate } from './gate.ts'

/** Changes within that time are told together: somebody who comes opens many files at once. */
const TELL_DELAY_MS = 200

export class ProjectPresence {
  readonly #events: Pick<EventHub, 'tell'>
  readonly #gates: ReadonlySet<Gate>
  readonly #timers = new Map<ProjectId, NodeJS.Timeout>()

  constructor(events: Pick<EventHub, 'tell'>, gates: ReadonlySet<Gate>) {
    this.#events = events
    this.#gates = gates
  }

  /** Tells it soon. */
  tell(project: ProjectKey): void {
    if (this.#timers.has(project.projectId)) return
    const timer = setTimeout(() => {
      this.#timers.delete(project.projectId)
      this.#events.tell(project, { type: 'presence', people: this.of(project.projectId) })
    }, TELL_DELAY_MS)
    this.#timers.set(project.projectId, timer)
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
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
