/** Live documents in PostgreSQL, by the role that crosses workspaces: one commit serves all documents of a node. */
import { type Database, documentLogQueries } from '@skein/db'
import { decodeOpening, seedEpoch } from '@skein/document'
import { type DocumentId, SKEIN } from '@skein/protocol'
import { type RepairReport, repairDocument } from '../commands/repair/repair-document.ts'
import type { Clock } from './clock.ts'
import type { DocumentPicture } from './document-picture.ts'
import type { DocumentStore, Landing } from './document-store.ts'

/** Several statements that see the same moment. */
const ONE_PICTURE = { isolation: 'repeatable read', readOnly: true } as const

/** `onRepaired` is told of documents that were found damaged. */
export const createPostgresDocumentStore = (
  db: Database,
  { random }: Pick<Clock, 'random'>,
  onRepaired: (report: RepairReport) => void = () => {},
): DocumentStore => {
  const read = (document: DocumentId) => documentLogQueries.readDocument(db.log, document)
  const repair = async (document: DocumentId) => onRepaired(await repairDocument(db, document))

  const readMissed = (document: DocumentId, seq: number) =>
    db.onLog(async (tx) => {
      const change = await documentLogQueries.findChange(tx, document, seq)
      if (!change) return null
      const rows = await documentLogQueries.listUpdates(tx, document, change.state ? change.uptoSeq : seq)
      return {
        ...change,
        timeline: serving(change.timeline),
        rows,
        clients: await documentLogQueries.listClients(tx, document),
      }
    }, ONE_PICTURE)

  /** Of several who come at once, one seeds: the others wait at the lock and find it done. */
  const seed = (document: DocumentId) =>
    db.onLog(async (tx) => {
      const unseeded = await documentLogQueries.lockUnseeded(tx, document)
      if (!unseeded) return
      const clientId = Math.floor(random() * 2 ** 32)
      const state = seedEpoch(unseeded.text, unseeded.epoch, clientId)
      await documentLogQueries.insertSeed(tx, document, { state, clientId, actor: SKEIN })
    })

  return {
    commit: async (items) => {
      const rows = await documentLogQueries.appendUpdates(db.log, items)
      const byId = new Map(rows.map((row) => [row.id, row]))
      return new Map(items.map(({ document, epoch }) => [document, landingOf(byId.get(document), epoch)]))
    },
    load: async (document): Promise<DocumentPicture | null> => {
      let picture = await read(document)
      if (picture && !picture.isIntact) {
        await repair(document)
        picture = await read(document)
      }
      if (picture && !picture.isSeeded) {
        await seed(document)
        picture = await read(document)
      }
      if (!picture) return null
      const { opening, state, isIntact, isSeeded, ...rest } = picture
      if (!isSeeded || !isIntact) throw new Error(`Document ${document} cannot be read after it was seeded or repaired`)
      return {
        ...rest,
        timeline: serving(rest.timeline),
        state: state ?? new Uint8Array(),
        opening: opening && decodeOpening(opening),
      }
    },
    repair,
    loadMissed: async (document, seq) => {
      const missed = await readMissed(document, seq)
      if (!missed || isWhole(missed, seq)) return missed
      await repair(document)
      return readMissed(document, seq)
    },
    heads: async (documents) => {
      const rows = await documentLogQueries.listHeads(db.log, documents)
      return new Map(rows.map(({ id, epoch, head, timeline }) => [id, { epoch, head, timeline: serving(timeline) }]))
    },
    saveText: (document, at, text) => documentLogQueries.saveText(db.log, document, at, text),
  }
}

/** Whether what came after row `seq` is what was written, and no row of it is missing: whoever waits for one would wait for ever. */
const isWhole = (
  missed: Pick<documentLogQueries.ChangeRow, 'head' | 'uptoSeq' | 'isIntact'> & {
    rows: readonly { isIntact: boolean }[]
  },
  seq: number,
): boolean => {
  const { head, uptoSeq, isIntact, rows } = missed
  // The state holds what is below `uptoSeq`; the head is below `seq` when the database has gone back (DL16).
  const due = Math.max(0, head - Math.max(seq, uptoSeq))
  return isIntact && rows.length === due && rows.every((row) => row.isIntact)
}

/** Throws on a standby: what it has need not be what was committed. */
const serving = (timeline: number | null): number => {
  if (timeline === null) throw new Error('The database is a standby that has not taken over')
  return timeline
}

const landingOf = (row: documentLogQueries.AppendedRow | undefined, epoch: number): Landing => {
  if (!row) return { outcome: 'gone' }
  if (row.seq !== null) return { outcome: 'committed', seq: row.seq }
  if (row.epoch !== epoch) return { outcome: 'refused', reason: 'epoch-changed' }
  return { outcome: 'refused', reason: row.isWhole ? 'foreign-client' : 'rows-lost' }
}
