/**
 * The documents of a restored instance (BK7, BK9). Devices may hold edits that came after the backup, on a history that this database does not
 * know: merged with it they would double texts or lose them. So each document's log is folded into its history, its text is compared with what
 * its state says, and it goes on with that text in a new epoch, far from those of the lost time.
 */
import { randomInt } from 'node:crypto'
import { type Database, documentRepairQueries, restoreQueries } from '@skein/db'
import { EPOCHS_PER_RESTORE } from '@skein/document'
import { foldDocument, readState } from './fold-document.ts'

export interface AnewReport {
  documents: number
  /** Documents that were opened and compared with their text. */
  compared: number
  /** Documents that were damaged in the backup; told by `tell` too. */
  damaged: number
}

const pageMax = 500
const sampleMax = 200
/**
 * How far is left to chance: of two restores of one backup neither may take revisions of the other one's documents for its own. A revision holds
 * epochs of nine digits, so there is room for a thousand restores, each of a backup of the one before.
 */
const epochsOfChance = 1_000_000

/** Folds, compares, and begins the epochs. It may be done again after it was broken off; no damage to a document ends it (BK10). */
export async function beginAnew(db: Database, tell: (line: string) => void): Promise<AnewReport> {
  const unfoldable = await foldAll(db, tell)
  const { compared, mended } = await compareSome(db, tell)
  const epochs = EPOCHS_PER_RESTORE + randomInt(epochsOfChance)
  const documents = await db.onLog((tx) => restoreQueries.beginEpochs(tx, epochs))
  const expected = await restoreQueries.countDocuments(db.log)
  if (documents !== expected) throw new Error(`${documents} of ${expected} documents began a new epoch`)
  return { documents, compared, damaged: unfoldable + mended }
}

async function foldAll(db: Database, tell: (line: string) => void): Promise<number> {
  let damaged = 0
  for (let page = await restoreQueries.listUnfolded(db.log, null, pageMax); ; ) {
    for (const { id } of page) if (!(await foldDocument(db, id, tell))) damaged++
    const last = page.at(-1)
    if (!last) return damaged
    page = await restoreQueries.listUnfolded(db.log, last.id, pageMax)
  }
}

/**
 * Opens documents by chance; their states must say what their texts say. A state carries a checksum and a text does not, so a state that is
 * what was written is right.
 */
async function compareSome(db: Database, tell: (line: string) => void): Promise<{ compared: number; mended: number }> {
  const sample = await restoreQueries.sampleDocuments(db.log, sampleMax)
  let mended = 0
  for (const { id, head, state, isIntact, text, isFolded } of sample) {
    if (!state) continue
    if (!isFolded) throw new Error(`The log of document ${id} was not folded`)
    const read = isIntact ? readState(state) : null
    if (read === text) continue
    mended++
    if (read === null) tell(`  Document ${id} was damaged: it goes on with the text that stood beside its state.`)
    else {
      tell(`  Document ${id} was damaged: it goes on with the text of its state; another one stood beside it.`)
      await db.onLog((tx) => documentRepairQueries.rewriteText(tx, id, head, read))
    }
  }
  return { compared: sample.length, mended }
}
