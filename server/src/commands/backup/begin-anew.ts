/**
 * The documents of a restored instance (BK7, BK9). Devices may hold edits that came after the backup, on a history that this database does not
 * know: merged with it they would double texts or lose them. So each document's log is folded into its history, its text is compared with what
 * its state says, and it goes on with that text in a new epoch, far from those of the lost time.
 */
import { type Database, documentRepairQueries, restoreQueries } from '@skein/db'
import { documentText, EPOCHS_PER_RESTORE, openState } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { keepCompact } from '../history/keep-compact.ts'
import { openTextAt } from '../history/read-history.ts'

export interface AnewReport {
  documents: number
  /** Documents that were opened and compared with their text. */
  compared: number
  /** Documents that were damaged in the backup, and what of them was lost; told by `tell` too. */
  damaged: number
}

const pageMax = 500
const sampleMax = 200

/** Folds, compares, and begins the epochs. It may be done again after it was broken off. */
export async function beginAnew(db: Database, tell: (line: string) => void): Promise<AnewReport> {
  const damaged = await foldAll(db, tell)
  const compared = await compareSome(db)
  const documents = await db.onLog((tx) => restoreQueries.beginEpochs(tx, EPOCHS_PER_RESTORE))
  const expected = await restoreQueries.countDocuments(db.log)
  if (documents !== expected) throw new Error(`${documents} of ${expected} documents began a new epoch`)
  return { documents, compared, damaged }
}

async function foldAll(db: Database, tell: (line: string) => void): Promise<number> {
  let damaged = 0
  for (let after: DocumentId | null = null; ; ) {
    const page: { id: DocumentId; head: number }[] = await restoreQueries.listUnfolded(db.log, after, pageMax)
    for (const { id, head } of page) {
      if (await fold(db, id, head)) continue
      damaged++
      tell(`  Document ${id} was damaged; it goes on with the text that could be read.`)
    }
    after = page.at(-1)?.id ?? null
    if (!after) return damaged
  }
}

/** Whether all of it could be read. */
async function fold(db: Database, document: DocumentId, head: number): Promise<boolean> {
  let isWhole = true
  for (;;) {
    const { outcome, repair } = await keepCompact(db, document)
    if (repair && repair.result !== 'sound' && repair.result !== 'exact') isWhole = false
    if (outcome !== 'compacted') break
  }
  const moment = await openTextAt(db, document, head)
  if (moment === 'unknown') isWhole = false
  else {
    // PostgreSQL keeps no NUL in a text, so the one beside the state may have stayed behind.
    const text = moment.text.replaceAll('\0', '')
    await db.onLog((tx) => documentRepairQueries.rewriteText(tx, document, head, text))
  }
  return isWhole
}

/** Opens documents by chance; their states must say what their texts say. */
async function compareSome(db: Database): Promise<number> {
  const sample = await restoreQueries.sampleDocuments(db.log, sampleMax)
  for (const { id, state, text, isFolded } of sample) {
    if (!state) continue
    const doc = openState(state)
    const isSame = isFolded && documentText(doc).replaceAll('\0', '') === text
    doc.destroy()
    if (!isSame) throw new Error(`Document ${id} does not hold the text that stands beside it`)
  }
  return sample.length
}
