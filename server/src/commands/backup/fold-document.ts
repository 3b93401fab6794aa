/**
 * Folding the log of one document into its history, and finding the text that it goes on with (BK10). A backup is restored when all else is
 * lost, so whatever is wrong with one document costs that document as little as can be, and no other anything.
 */
import { type Database, documentRepairQueries, restoreQueries } from '@skein/db'
import { documentText, openState } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { keepCompact } from '../history/keep-compact.ts'
import { openTextAt } from '../history/read-history.ts'

/** Folds; whether all of it could be read. Afterwards the text of the last row stands beside the state, and no row in the log alone. */
export async function foldDocument(db: Database, document: DocumentId, tell: (line: string) => void): Promise<boolean> {
  const before = await restoreQueries.findFold(db.log, document)
  const wrong = await compactAll(db, document)
  // A repair adds a row, or ends the epoch.
  const after = await restoreQueries.findFold(db.log, document)
  if (!before || !after) throw new Error(`Document ${document} has gone while nobody was served`)
  const { head, isFolded } = after
  // Holes are in the state alone: the epoch ends anyhow, so the text that stood beside it is worth more (QR4).
  const beside = wrong !== null && before.isTextOfHead ? before.text : null
  const read = beside ?? (await readText(db, document, head))
  await db.onLog(async (tx) => {
    if (beside !== null || read === null || !isFolded) {
      await restoreQueries.setRestAside(
        tx,
        document,
        `a restore went on without it: ${wrong ?? 'it could not be read'}`,
      )
    }
    await documentRepairQueries.rewriteText(tx, document, head, read ?? after.text)
  })
  const isWhole = wrong === null && read !== null
  if (!isWhole) tell(describe(document, wrong, beside !== null))
  return isWhole
}

/** The text of a state; null when Yjs cannot read it. */
export const readState = (state: Uint8Array): string | null => {
  try {
    const doc = openState(state)
    const text = documentText(doc)
    doc.destroy()
    return withoutNul(text)
  } catch {
    return null
  }
}

/** What was wrong with it, for people; null: nothing. */
async function compactAll(db: Database, document: DocumentId): Promise<string | null> {
  let wrong: string | null = null
  try {
    for (;;) {
      const { outcome, repair } = await keepCompact(db, document)
      if (repair && repair.result !== 'sound' && repair.result !== 'exact') wrong ??= 'it was damaged'
      if (outcome === 'compacted') continue
      return outcome === 'nothing' ? wrong : (wrong ?? 'its log could not be folded')
    }
  } catch (error) {
    return `its log could not be folded (${(error as Error).message})`
  }
}

/** Null when it cannot be known. */
async function readText(db: Database, document: DocumentId, head: number): Promise<string | null> {
  try {
    const moment = await openTextAt(db, document, head)
    return moment === 'unknown' ? null : withoutNul(moment.text)
  } catch {
    return null
  }
}

/** PostgreSQL keeps no NUL in a text. */
const withoutNul = (text: string): string => text.replaceAll('\0', '')

const describe = (document: DocumentId, wrong: string | null, isBeside: boolean): string =>
  `  Document ${document}: ${wrong ?? 'it could not be read'}; it goes on with ${
    isBeside ? 'its whole text, which stood beside the damage' : 'the text that could be read'
  }.`
