/**
 * Hocuspocus, as far as we need it: it lets documents in, loads each once, passes presence on and unloads. It stores nothing, and no edit goes
 * through it.
 *
 * DL11: a hook of Hocuspocus that throws where nobody waits for it ends the process, so none of ours lets anything out but the few refusals
 * that Hocuspocus expects.
 */
import { type Document, type Extension, Hocuspocus } from '@hocuspocus/server'
import type { DocumentId } from '@skein/protocol'
import type { Log } from '../observability/log.ts'
import { type Admission, Denial } from './authentication.ts'
import type { Clock } from './clock.ts'
import type { CollabMetrics } from './collab-metrics.ts'
import { pictureToFacts } from './document-facts.ts'
import type { DocumentLog } from './document-log.ts'
import { applyPicture } from './document-picture.ts'
import type { DocumentStore } from './document-store.ts'
import type { Gate } from './gate.ts'
import { OpenDocument } from './open-document.ts'
import type { RowExchange } from './row-exchange.ts'

/** What Hocuspocus carries along with each document of a socket. */
export interface CollabContext {
  gate: Gate
  admission?: Admission
}

export interface HocuspocusDeps {
  store: DocumentStore
  documentLog: DocumentLog
  exchange: RowExchange
  open: Map<DocumentId, OpenDocument>
  /** It is in memory, up to date, and nobody is attached yet. */
  onOpened(open: OpenDocument): void
  /** Whether the document may leave memory now; may save what is to be saved. */
  mayUnload(open: OpenDocument): Promise<boolean>
  clock: Clock
  metrics: Pick<CollabMetrics, 'loaded' | 'evicted'>
  log: Log
}

/** A socket without a document that was let in is closed after that time; so is one that is silent that long. */
const SILENCE_MS_MAX = 60_000

export const createHocuspocus = (deps: HocuspocusDeps): Hocuspocus<CollabContext> => {
  const hocuspocus: Hocuspocus<CollabContext> = new Hocuspocus<CollabContext>({
    quiet: true,
    timeout: SILENCE_MS_MAX,
    maxPendingDocuments: 256,
    extensions: [createExtension(deps, () => hocuspocus)],
  })
  return hocuspocus
}

const createExtension = (deps: HocuspocusDeps, host: () => Hocuspocus<CollabContext>): Extension<CollabContext> => ({
  onAuthenticate: async ({ token, documentName, context, connectionConfig }) => {
    const admission = await context.gate.identity.admit(token, documentName)
    connectionConfig.readOnly = admission.isReadOnly
    return { admission }
  },

  onLoadDocument: async ({ documentName, document }) => {
    try {
      await load(deps, documentName as DocumentId, document)
    } catch (error) {
      // Hocuspocus forgets the document but not its timer.
      document.destroy()
      if (error instanceof Denial) throw error
      deps.log.error({ err: error, document: documentName }, 'a document could not be read')
      throw new Denial('unavailable')
    }
  },

  connected: async ({ context, connection, documentName }) => {
    const { gate, admission } = context
    try {
      // MN4: the client may hold what another node has committed, and this one does not know yet.
      if (!deps.exchange.isAlone) await deps.exchange.catchUp(documentName as DocumentId)
      const open = deps.open.get(documentName as DocumentId)
      // DL10: Hocuspocus can attach a connection to a document that it unloads in the same moment.
      const isLive =
        open &&
        !open.isClosed &&
        open.shell === connection.document &&
        host().documents.get(documentName) === open.shell
      if (!isLive || !admission) return gate.close()
      gate.attach(connection, { open, actor: admission.actor, user: admission.user, isReadOnly: connection.readOnly })
    } catch (error) {
      deps.log.error({ err: error, document: documentName }, 'a connection could not be attached')
      gate.close()
    }
  },

  beforeUnloadDocument: async ({ documentName }) => {
    const open = deps.open.get(documentName as DocumentId)
    if (open && !(await deps.mayUnload(open).catch(() => false))) throw new Error('')
  },

  afterUnloadDocument: async ({ documentName }) => {
    deps.open.delete(documentName as DocumentId)
    deps.documentLog.release(documentName as DocumentId)
    deps.exchange.leave(documentName as DocumentId)
    deps.metrics.evicted()
  },
})

const load = async (deps: HocuspocusDeps, id: DocumentId, document: Document): Promise<void> => {
  const { store, documentLog, exchange, open, onOpened, clock, metrics, log } = deps
  const startedAt = clock.now()
  // What an earlier copy of it left in the queue has to be in the rows that we read.
  await documentLog.settle(id)
  // GT5: without this listener of Hocuspocus nothing is broadcast but what the log has committed, least of all what loading applies.
  document._observers.delete('update')
  // Presence is removed with its connection; one sweep looks at all documents (housekeeping.ts).
  clearInterval(document.awareness._checkInterval)
  await exchange.join(id)
  let repair: Promise<void> | undefined
  try {
    const picture = await store.load(id)
    if (!picture) throw new Denial('not-found')
    const build = (): void => {
      try {
        applyPicture(document, picture)
      } catch (error) {
        // QR6: whoever asks next gets what can be read of it; what was half applied here is of no use.
        const about = { document: id }
        repair = store
          .repair(id)
          .catch((err: unknown) => log.error({ err, ...about }, 'a document could not be repaired'))
        throw error
      }
    }
    const { opening = null } = picture
    if (!opening) build()
    documentLog.open(id, picture)
    open.set(id, new OpenDocument(pictureToFacts(picture), document, documentLog, clock, opening && { opening, build }))
  } catch (error) {
    exchange.leave(id)
    await repair
    throw error
  }
  exchange.opened(id)
  onOpened(open.get(id) as OpenDocument)
  metrics.loaded((clock.now() - startedAt) / 1000)
}
