/** A file that a program replaces again and again: few updates, and each as large as the file. */
import { documentText } from '@skein/document'
import { expect, test } from 'vitest'
import type { CompactionBounds } from './compact-document.ts'
import { keepCompact } from './keep-compact.ts'
import { openTextAt, readUpdatesAfter } from './read-history.ts'
import { unpackSegment } from './segment-bytes.ts'
import { createLogWorld, openStored } from './testing/log-world.ts'

const world = await createLogWorld()
const { db, ask } = world

const PASTES = 70
const PASTE_CHARS = 39_000
/** A hundredth of the real ones. */
const BOUNDS: CompactionBounds = { rowsMax: 10_000, bytesMax: 320_000, segmentBytesMax: 80_000 }

test('DL8: segments, passes and the way from a state to any moment are bounded in bytes, however large the updates', async () => {
  const typist = await world.add('')
  const passes: number[] = []
  for (let n = 1; n <= PASTES; n++) {
    await typist.append((text) => {
      text.delete(0, text.length)
      text.insert(0, String.fromCharCode(97 + (n % 26)).repeat(PASTE_CHARS))
    })
    // Often, so that the newest segment is written anew; then seldom, so that one pass is not enough.
    if (n > 20 ? n < PASTES : n % 3 > 0) continue
    for (;;) {
      const { outcome, rows, repair } = await keepCompact(db, typist.document, BOUNDS)
      expect(repair).toBeNull()
      if (outcome === 'nothing') break
      expect(outcome).toBe('compacted')
      passes.push(rows)
    }
  }
  expect(Math.max(...passes)).toBeLessThanOrEqual(10)
  expect(documentText(await openStored(world, typist.document))).toBe(documentText(typist.doc))
  const segments = await ask<{ data: Buffer; seq: string }>(
    'select data, first_seq as seq from document_segment where document_id = $1 order by first_seq',
    [typist.document],
  )
  for (const { data } of segments) expect(unpackSegment(data).length).toBeLessThanOrEqual(3)
  const keyframes = await ask<{ seq: string }>(
    'select seq from document_keyframe where document_id = $1 order by seq',
    [typist.document],
  )
  for (const [i, { seq }] of keyframes.entries()) {
    const next = Number(keyframes[i + 1]?.seq ?? Number.POSITIVE_INFINITY)
    const between = segments.filter((segment) => Number(segment.seq) > Number(seq) && Number(segment.seq) <= next)
    expect(between.length).toBeLessThanOrEqual(10)
  }
  for (const [seq, text] of typist.texts.entries()) {
    expect(await openTextAt(db, typist.document, seq)).toEqual({ epoch: 1, text })
  }
  expect(await readUpdatesAfter(db, typist.document, 0)).toHaveLength(PASTES)
})
