/** A paper as it was written: its whole history through compaction, and back at any moment. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { documentText } from '@skein/document'
import { expect, test } from 'vitest'
import { compactDocument } from './compact-document.ts'
import { openTextAt } from './read-history.ts'
import { createLogWorld, openStored } from './testing/log-world.ts'

interface Trace {
  endContent: string
  txns: { patches: [at: number, remove: number, insert: string][] }[]
}

const TRACE = path.resolve(import.meta.dirname, '../../../../../shared/data/editing-traces/automerge-paper.json.gz')
/** Edits of one row: the database is not what is tested here. */
const EDITS_EACH = 100
const MOMENTS = 12
const world = await createLogWorld()
const { db, ask } = world

test.skipIf(!existsSync(TRACE))(
  'DL8: 260,000 edits are compacted as they come; the text of any moment, and of the last, is exact (skipped without the traces)',
  async () => {
    const { txns, endContent } = JSON.parse(gunzipSync(readFileSync(TRACE)).toString()) as Trace
    const typist = await world.add('')
    const rows = Math.ceil(txns.length / EDITS_EACH)
    const kept = new Map<number, string>()
    for (let seq = 1; seq <= rows; seq++) {
      const edits = txns.slice((seq - 1) * EDITS_EACH, seq * EDITS_EACH)
      typist.texts.length = 0
      await typist.append((text) => {
        for (const { patches } of edits) {
          for (const [at, remove, insert] of patches) {
            if (remove > 0) text.delete(at, remove)
            if (insert !== '') text.insert(at, insert)
          }
        }
      })
      if (seq % Math.floor(rows / MOMENTS) === 0) kept.set(seq, documentText(typist.doc))
      if (seq % 400 === 0) expect(await compactDocument(db, typist.document)).toMatchObject({ outcome: 'compacted' })
    }
    await compactDocument(db, typist.document)
    expect(documentText(await openStored(world, typist.document))).toBe(endContent)
    expect(kept.size).toBeGreaterThanOrEqual(MOMENTS)
    for (const [seq, text] of kept) expect(await openTextAt(db, typist.document, seq)).toEqual({ epoch: 1, text })
    const [stored] = await ask<{ left: number; keyframes: number }>(
      `select (select count(*)::int from document_update where document_id = $1) as left,
         (select count(*)::int from document_keyframe where document_id = $1) as keyframes`,
      [typist.document],
    )
    expect(stored?.left).toBe(0)
    expect(stored?.keyframes).toBeGreaterThan(20)
  },
)
