/**
 * Presence inside documents, across nodes: what the connections here show goes out, what those of other nodes show stands beside it for the
 * viewers here, and leaves with them, with their node, or with nobody having heard of it for long.
 *
 * Nothing of it is kept and any message may be lost: a document that is opened asks who is in it, and after the transport was away
 * everybody asks and shows anew.
 */
import { type DocumentId, personToActorKey, type UserId } from '@skein/protocol'
import { applyForeign, encodeOwn, type Foreigner, FROM_OTHER_NODES, findForeign, removeForeign } from './awareness.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import type { OpenDocument } from './open-document.ts'
import { NO_RELAY, type Relay, type RelayedPresence } from './relay.ts'

export interface SharedPresenceDeps {
  relay: Relay
  open: ReadonlyMap<DocumentId, OpenDocument>
  clock: Clock
  metrics: Pick<CollabMetrics, 'relayed' | 'refused'>
}

/** A browser tells that it is there every 15 s, one whose tab is in the background every minute: whoever is silent longer has left unheard. */
const SILENCE_MS_MAX = 90_000
const SWEEP_MS = 15_000

interface Change {
  added: number[]
  updated: number[]
  removed: number[]
}

export class SharedPresence {
  readonly #deps: SharedPresenceDeps
  /** What changed in this turn of the loop, and is told at its end. */
  readonly #changed = new Map<OpenDocument, Set<number>>()
  #cancelSweep = () => {}

  constructor(deps: SharedPresenceDeps) {
    this.#deps = deps
  }

  /** Begins to look for those who have left unheard. */
  start(): void {
    this.#cancelSweep = this.#deps.clock.after(SWEEP_MS, () => {
      this.start()
      const since = this.#deps.clock.now() - SILENCE_MS_MAX
      this.#remove(({ heardAt }) => heardAt < since)
    })
  }

  stop(): void {
    this.#cancelSweep()
  }

  /** A document is in memory, and its rows are listened to: what is shown in it is told from now on. */
  opened(open: OpenDocument): void {
    if (this.#deps.relay === NO_RELAY) return
    open.shell.awareness.on('update', ({ added, updated, removed }: Change, origin: unknown) => {
      if (origin !== FROM_OTHER_NODES) this.#tellSoon(open, [...added, ...updated, ...removed])
    })
    this.#deps.relay.askPresence(open.facts.id)
  }

  onPresence({ document, node, update, isWhole }: RelayedPresence): void {
    const open = this.#findOpen(document)
    if (!open) return
    this.#deps.metrics.relayed('received')
    try {
      const ours = applyForeign(open.shell, open.shownBy, update, {
        node,
        isWhole,
        heardAt: this.#deps.clock.now(),
        claim: (clientId, userId) => open.claim(clientId, personToActorKey(userId as UserId)),
      })
      if (ours.length > 0) this.#tellSoon(open, ours)
    } catch {
      this.#deps.metrics.refused('malformed')
    }
  }

  onPresenceAsked(document: DocumentId): void {
    const open = this.#findOpen(document)
    if (open) this.#showAll(open)
  }

  onNodeGone(node: string): void {
    this.#remove((foreigner) => foreigner.node === node)
  }

  /** Messages may have been lost, in both directions. */
  onReconnected(): void {
    for (const document of this.#deps.open.keys()) {
      const open = this.#findOpen(document)
      if (!open) continue
      this.#showAll(open)
      this.#deps.relay.askPresence(document)
    }
  }

  #findOpen(document: DocumentId): OpenDocument | null {
    const open = this.#deps.open.get(document)
    return open && !open.isClosed ? open : null
  }

  #tellSoon(open: OpenDocument, clientIds: readonly number[]): void {
    if (this.#changed.size === 0) this.#deps.clock.soon(() => this.#tell())
    const changed = this.#changed.get(open) ?? new Set()
    for (const clientId of clientIds) changed.add(clientId)
    this.#changed.set(open, changed)
  }

  #tell(): void {
    for (const [open, clientIds] of this.#changed) this.#show(open, clientIds, false)
    this.#changed.clear()
  }

  #showAll(open: OpenDocument): void {
    this.#show(open, open.shownBy.keys(), true)
  }

  /** Presence is the shell's: what the document holds need not be built for it (DL15). */
  #show({ facts, shell, shownBy }: OpenDocument, clientIds: Iterable<number>, isWhole: boolean): void {
    this.#deps.relay.showPresence(facts.id, encodeOwn(shell, shownBy, clientIds), isWhole)
    this.#deps.metrics.relayed('published')
  }

  #remove(isMeant: (foreigner: Foreigner) => boolean): void {
    for (const open of this.#deps.open.values()) {
      const gone = findForeign(open.shownBy, isMeant)
      if (gone.length > 0) removeForeign(open.shell, open.shownBy, gone)
    }
  }
}
