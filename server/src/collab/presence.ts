/**
 * Who is in a project, and in which of its files: told over the project's own channel whenever it changes, a few times a second at
 * most. It is what is attached here and at the other nodes, each of which says what is attached there; nothing of it is stored.
 */
import type { FileId, ProjectId } from '@skein/protocol'
import type { EventHub, ProjectKey } from '../commands/event-hub.ts'
import type { Clock } from './clock.ts'
import type { Gate } from './gate.ts'
import type { PersonInProject, Relay, RelayedPeople } from './relay.ts'

export interface ProjectPresenceDeps {
  events: Pick<EventHub, 'tell'>
  gates: ReadonlySet<Gate>
  relay: Pick<Relay, 'showPeople'>
  clock: Clock
}

/** Changes within that time are told together: somebody who comes opens many files at once. */
const TELL_DELAY_MS = 200
/** Projects in which other nodes have people; those beyond it are not shown here. */
const PROJECTS_ABROAD_MAX = 50_000
/** Projects of this node that are shown anew when somebody asks; the one that changed longest ago is forgotten. */
const PROJECTS_SHOWN_MAX = 10_000
/** That nobody is there any more is shown anew for that long: whoever was cut off for longer has taken this node for gone. */
const EMPTY_MS_MAX = 600_000

export class ProjectPresence {
  readonly #deps: ProjectPresenceDeps
  readonly #waiting = new Map<ProjectId, () => void>()
  /** Those of the waiting whose people here have changed. */
  readonly #changed = new Set<ProjectId>()
  /** People of other nodes, by project and node. */
  readonly #abroad = new Map<ProjectId, Map<string, RelayedPeople>>()
  /** What other nodes were told of, and when. */
  readonly #shown = new Map<ProjectId, { project: ProjectKey; at: number }>()
  #byProject: ReadonlyMap<ProjectId, PersonInProject[]> | null = null

  constructor(deps: ProjectPresenceDeps) {
    this.#deps = deps
  }

  /** Somebody has come or left here. */
  tell(project: ProjectKey): void {
    this.#changed.add(project.projectId)
    this.#tellSoon(project)
  }

  /** Everybody who has a document of the project open, at any node, ordered by id. */
  of(project: ProjectId): PersonInProject[] {
    const lists = [...(this.#abroad.get(project)?.values() ?? [])].map(({ people }) => people)
    return merge([this.#peopleHere(project), ...lists])
  }

  onPeople(relayed: RelayedPeople): void {
    const { project, node, people } = relayed
    const nodes = this.#abroad.get(project.projectId) ?? new Map<string, RelayedPeople>()
    if (people.length === 0) nodes.delete(node)
    else if (nodes.size > 0 || this.#abroad.size < PROJECTS_ABROAD_MAX) nodes.set(node, relayed)
    if (nodes.size > 0) this.#abroad.set(project.projectId, nodes)
    else this.#abroad.delete(project.projectId)
    this.#tellSoon(project)
  }

  /** Shows other nodes the people of all projects here once more. */
  onPeopleAsked(): void {
    for (const [id, { project, at }] of this.#shown) {
      const isOver = this.#deps.clock.now() - at > EMPTY_MS_MAX && this.#peopleHere(id).length === 0
      if (isOver) this.#shown.delete(id)
      else this.tell(project)
    }
  }

  onNodeGone(node: string): void {
    for (const nodes of [...this.#abroad.values()]) {
      const relayed = nodes.get(node)
      if (relayed) this.onPeople({ ...relayed, people: [] })
    }
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
  }

  #tellSoon(project: ProjectKey): void {
    const { projectId } = project
    if (this.#waiting.has(projectId)) return
    const cancel = this.#deps.clock.after(TELL_DELAY_MS, () => {
      this.#waiting.delete(projectId)
      if (this.#changed.delete(projectId)) this.#show(project)
      this.#deps.events.tell(project, { type: 'presence', people: this.of(projectId) })
    })
    this.#waiting.set(projectId, cancel)
  }

  #show(project: ProjectKey): void {
    const { relay, clock } = this.#deps
    this.#shown.delete(project.projectId)
    this.#shown.set(project.projectId, { project, at: clock.now() })
    const [oldest] = this.#shown.keys()
    if (this.#shown.size > PROJECTS_SHOWN_MAX && oldest) this.#shown.delete(oldest)
    relay.showPeople(project, this.#peopleHere(project.projectId))
  }

  #peopleHere(project: ProjectId): PersonInProject[] {
    return merge([this.#peopleByProject().get(project) ?? []])
  }

  /** Looked up once for all that is asked in a turn of the loop. */
  #peopleByProject(): ReadonlyMap<ProjectId, PersonInProject[]> {
    if (this.#byProject) return this.#byProject
    const byProject = new Map<ProjectId, PersonInProject[]>()
    for (const gate of this.#deps.gates) {
      for (const { open, user } of gate.attachments()) {
        const { projectId, fileId } = open.facts
        const people = byProject.get(projectId) ?? []
        people.push({ person: user, fileIds: [fileId] })
        byProject.set(projectId, people)
      }
    }
    this.#deps.clock.soon(() => {
      this.#byProject = null
    })
    this.#byProject = byProject
    return byProject
  }
}

/** Each person once, with all their files. */
const merge = (lists: readonly PersonInProject[][]): PersonInProject[] => {
  const people = new Map<string, { person: PersonInProject['person']; fileIds: Set<FileId> }>()
  for (const { person, fileIds } of lists.flat()) {
    const entry = people.get(person.id) ?? { person, fileIds: new Set() }
    people.set(person.id, entry)
    for (const fileId of fileIds) entry.fileIds.add(fileId)
  }
  const merged = [...people.values()].map(({ person, fileIds }) => ({ person, fileIds: [...fileIds] }))
  return merged.sort((a, b) => (a.person.id < b.person.id ? -1 : 1))
}
