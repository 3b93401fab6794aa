/**
 * What the database says about people who come: who they are, what they may open, which colour is theirs. One for a node: those who come together
 * are looked up together, and colours, which never change, are remembered.
 */
import { type Database, projectColourQueries } from '@skein/db'
import type { ActorKey, DocumentId, ProjectId } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import { type DocumentAccess, requireDocuments } from '../commands/access.ts'
import type { ProjectKey } from '../commands/event-hub.ts'
import { authenticateTokens } from '../commands/tokens/authenticate-token.ts'
import { type Redeemed, redeemTicket } from '../commands/tokens/tickets.ts'
import type { Actor } from '../policies/actor.ts'
import { Gather } from './gather.ts'

/** People in projects, 100 bytes each. */
const COLOURS_MAX = 50_000

export class Reception {
  readonly #db: Database
  readonly #tokens: Gather<string, Actor | Error>
  readonly #documents: Gather<{ actor: Actor; documentId: DocumentId }, DocumentAccess | Error>
  readonly #colours: Gather<{ project: ProjectKey; actor: ActorKey }, number>
  readonly #knownColours = new LRUCache<string, number>({ max: COLOURS_MAX })

  constructor(db: Database, now: () => Date) {
    this.#db = db
    this.#tokens = new Gather((tokens) => authenticateTokens(db.instance, tokens, now()))
    this.#documents = new Gather((wishes) => requireDocuments(db.instance, wishes, 'read-documents'))
    this.#colours = new Gather((keys) => this.#claimColours(keys))
  }

  /** Whose API token it is. Rejects with a Refusal. */
  async authenticate(token: string): Promise<Actor> {
    return orThrow(await this.#tokens.ask(token))
  }

  /** Who asked for the ticket, which is of no use then. Rejects with a Refusal. */
  redeem(ticket: string): Promise<Redeemed> {
    return redeemTicket(this.#db.instance, ticket)
  }

  /** What the actor may do with the document. Rejects with a Refusal when that is not even to read it. */
  async access(actor: Actor, documentId: DocumentId): Promise<DocumentAccess> {
    return orThrow(await this.#documents.ask({ actor, documentId }))
  }

  /** The person's colour in the project. */
  async colourIn(project: ProjectKey, actor: ActorKey): Promise<number> {
    const name = nameOf(project, actor)
    const known = this.#knownColours.get(name)
    if (known !== undefined) return known
    const colour = await this.#colours.ask({ project, actor })
    this.#knownColours.set(name, colour)
    return colour
  }

  async #claimColours(keys: readonly { project: ProjectKey; actor: ActorKey }[]): Promise<number[]> {
    const colours = new Map<string, number>()
    for (const asked of Map.groupBy(keys, ({ project }) => project.projectId).values()) {
      const [{ project }] = asked as [(typeof asked)[number]]
      const actors = [...new Set(asked.map(({ actor }) => actor))]
      const found = await this.#db.inWorkspace(project.workspaceId, (tx) =>
        projectColourQueries.claimColours(tx, project, actors),
      )
      for (const [actor, colour] of found) colours.set(nameOf(project, actor), colour)
    }
    return keys.map(({ project, actor }) => colours.get(nameOf(project, actor)) ?? 1)
  }
}

const nameOf = ({ projectId }: { projectId: ProjectId }, actor: ActorKey): string => `${projectId} ${actor}`

const orThrow = <Answer>(answer: Answer | Error): Answer => {
  if (answer instanceof Error) throw answer
  return answer
}
