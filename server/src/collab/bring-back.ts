/**
 * The way back of rows that the store has lost: it went back to an earlier state below a running node, because a standby without the last
 * commits took over, or somebody restored it to a moment of the past (DL16).
 *
 * The node is the one that can bring them back as a whole: each client may write under its own client ids alone, so that two who hold lost
 * words of each other would both be taken for forgers, and nobody but the node holds what the server itself wrote.
 */
import { applyUpdate, encodeUpdateFrames } from '@skein/document'
import { SKEIN } from '@skein/protocol'
import * as Y from 'yjs'
import type { Log } from '../observability/log.ts'
import type { Clock } from './clock.ts'
import type { CommittedRow } from './document-log.ts'
import { applyPicture, type DocumentPicture } from './document-picture.ts'
import type { CommitItem, DocumentStore } from './document-store.ts'
import type { OpenDocument } from './open-document.ts'

export interface BringBackDeps {
  store: Pick<DocumentStore, 'load' | 'commit'>
  clock: Clock
  log: Log
  /** Tells the other nodes of the row. */
  publish(row: Omit<CommittedRow, 'updates'>): void
  isStopped(): boolean
}

/** After that the document is opened as the store has it, and its clients bring what they may. */
const TRIES_MAX = 20
const RETRY_DELAY_MS_MAX = 2_000

/** Commits, as one row, what `open` holds and the store does not. Never rejects; what cannot be brought back is logged. */
export async function bringBack(deps: BringBackDeps, open: OpenDocument): Promise<void> {
  const { clock, log } = deps
  const { id } = open.facts
  for (let attempt = 0; attempt < TRIES_MAX && !deps.isStopped(); attempt++) {
    try {
      if (await tryOnce(deps, open)) return
    } catch (error) {
      log.warn({ err: error, document: id, attempt }, 'what the database has lost was not brought back; tried again')
    }
    await clock.sleep(Math.min(50 * 2 ** attempt, RETRY_DELAY_MS_MAX) * (0.5 + clock.random() / 2))
  }
  if (!deps.isStopped()) log.error({ document: id }, 'what the database has lost could not be brought back from memory')
}

/** Whether nothing is left to do. */
async function tryOnce({ store, log, publish }: BringBackDeps, open: OpenDocument): Promise<boolean> {
  const { id: document, epoch } = open.facts
  const picture = await store.load(document)
  // MN5: nothing of an epoch that has ended gets into the next one.
  if (picture?.epoch !== epoch) return true
  const item = findLost(open, picture)
  if (!item) return true
  const landing = (await store.commit([item])).get(document)
  if (landing?.outcome !== 'committed') return landing?.outcome === 'gone'
  const { payload } = item
  publish({ document, epoch, timeline: picture.timeline, seq: landing.seq, payload })
  log.warn(
    { document, seq: landing.seq, bytes: payload.length },
    'the database had lost edits; memory brought them back',
  )
  return true
}

/** What memory holds and the picture does not, as a row on top of it; null: nothing, or nothing that may be brought back. */
function findLost({ facts, doc: memory }: OpenDocument, picture: DocumentPicture): CommitItem | null {
  const kept = new Y.Doc()
  applyPicture(kept, picture)
  const lost: Uint8Array[] = []
  kept.on('update', (update: Uint8Array) => lost.push(update))
  applyUpdate(kept, Y.encodeStateAsUpdate(memory))
  if (lost.length === 0) return null
  const update = Y.mergeUpdates(lost)
  const owners = new Map(picture.clients.map(({ clientId, actor }) => [clientId, actor]))
  const writers = [...Y.parseUpdateMeta(update).from.keys()].map((clientId) => {
    const actor = facts.owners.get(clientId) ?? SKEIN
    return { clientId, actor, isForeign: (owners.get(clientId) ?? actor) !== actor }
  })
  // MN7: somebody else has taken the client id meanwhile.
  if (writers.some(({ isForeign }) => isForeign)) return null
  const actors = new Set(writers.map(({ actor }) => actor))
  const [only = SKEIN] = actors
  return {
    document: picture.id,
    epoch: picture.epoch,
    payload: encodeUpdateFrames([{ actor: actors.size === 1 ? only : SKEIN, update }]),
    onto: { timeline: picture.timeline, seq: picture.head },
    clients: writers
      .filter(({ clientId }) => !owners.has(clientId))
      .map(({ clientId, actor }) => ({ clientId, actor })),
  }
}
