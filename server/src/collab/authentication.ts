/**
 * Who is at the other end of a socket, and what they may open. A token is an API token or a single-use ticket; a ticket belongs to the socket
 * that shows it first, and stays good on that socket for further documents.
 */
import {
  type ActorKey,
  type AwarenessUser,
  type DenialReason,
  DocumentId,
  type ProjectId,
  personToActorKey,
  Refusal,
} from '@skein/protocol'
import { isTokenText } from '../commands/tokens/token-text.ts'
import type { Actor } from '../policies/actor.ts'
import type { Pass } from './access-watch.ts'
import type { Reception } from './reception.ts'
import { readsOnly } from './standing.ts'

export interface Admission {
  document: DocumentId
  actor: ActorKey
  user: AwarenessUser
  isReadOnly: boolean
}

/** Hocuspocus sends `reason` to the client; without a message it does not write to the console. */
export class Denial extends Error {
  readonly reason: DenialReason

  constructor(reason: DenialReason) {
    super('')
    this.reason = reason
  }
}

/** Who is at the other end of a socket; `SocketIdentity` asks the database. */
export interface Doorkeeper {
  /** Whether a token that opened documents here has expired. */
  readonly hasExpired: boolean
  /** Whether more wrong tokens were shown here than anybody has. */
  readonly isGuessing: boolean
  /** Lets the owner of the token into the document, or rejects with a Denial. */
  admit(token: string, document: string): Promise<Admission>
}

interface Identity {
  actor: Actor
  /** Null: every project that the person may open. */
  projectId: ProjectId | null
  /** The browser session behind a ticket. */
  sessionId: string | null
}

/** Wrong tokens on one socket: more than that is guessing. */
const WRONG_TOKENS_MAX = 8
/** Tokens that are remembered for one socket; a client may well fetch a ticket for each of its documents. */
const TOKENS_MAX = 256

/** Everybody who has shown a token on one socket. */
export class SocketIdentity implements Doorkeeper {
  readonly #reception: Reception
  readonly #now: () => Date
  readonly #pass: Pass
  readonly #identities = new Map<string, Promise<Identity>>()
  #expiresAt: Date | null = null
  #wrongTokens = 0

  constructor(reception: Reception, now: () => Date, pass: Pass) {
    this.#reception = reception
    this.#now = now
    this.#pass = pass
  }

  get hasExpired(): boolean {
    return this.#expiresAt !== null && this.#expiresAt <= this.#now()
  }

  get isGuessing(): boolean {
    return this.#wrongTokens > WRONG_TOKENS_MAX
  }

  async admit(token: string, document: string): Promise<Admission> {
    const id = DocumentId.safeParse(document)
    if (!id.success) throw new Denial('not-found')
    try {
      const since = this.#pass.version()
      const { actor, projectId, sessionId } = await this.#identify(token)
      const access = await this.#reception.access(actor, id.data)
      if (projectId !== null && projectId !== access.projectId) throw new Denial('not-found')
      const isReadOnly = readsOnly(actor, access.role)
      const key = personToActorKey(actor.userId)
      const user = { id: actor.userId, name: actor.name, colour: await this.#reception.colourIn(access, key) }
      const into = { projectId: access.projectId, workspaceId: access.workspaceId, isReadOnly }
      // GT7: of the rights that it was judged by, something has just changed; whoever comes back is judged anew.
      if (!(await this.#pass.keep({ actor, sessionId, into }, since))) throw new Denial('unavailable')
      return { document: id.data, actor: key, user, isReadOnly }
    } catch (error) {
      throw error instanceof Denial ? error : new Denial(denialReasonOf(error))
    }
  }

  #identify(token: string): Promise<Identity> {
    const known = this.#identities.get(token)
    if (known) return known
    if (this.isGuessing) return Promise.reject(new Denial('unauthenticated'))
    for (const oldest of this.#identities.keys()) {
      if (this.#identities.size < TOKENS_MAX) break
      this.#identities.delete(oldest)
    }
    const identity = this.#look(token)
    this.#identities.set(token, identity)
    identity.catch((error) => {
      // One that could not be looked up is not wrong, and may be shown again.
      if (denialReasonOf(error) === 'unavailable') this.#identities.delete(token)
      else this.#wrongTokens++
    })
    return identity
  }

  async #look(token: string): Promise<Identity> {
    const since = this.#pass.version()
    const identity = isTokenText(token)
      ? { actor: await this.#reception.authenticate(token), projectId: null, sessionId: null }
      : await this.#reception.redeem(token)
    const { actor, sessionId } = identity
    if (!(await this.#pass.keep({ actor, sessionId, into: null }, since))) throw new Denial('unauthenticated')
    const expiresAt = identity.actor.token?.expiresAt ?? null
    if (expiresAt && (this.#expiresAt === null || expiresAt < this.#expiresAt)) this.#expiresAt = expiresAt
    return identity
  }
}

const denialReasonOf = (error: unknown): DenialReason => {
  if (error instanceof Denial) return error.reason
  if (!(error instanceof Refusal)) return 'unavailable'
  if (['unauthenticated', 'token-expired', 'token-revoked'].includes(error.code)) return 'unauthenticated'
  return 'not-found'
}
