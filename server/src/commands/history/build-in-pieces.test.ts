import { setImmediate } from 'node:timers'
import { applyRows, documentText, type HistoryRow, openState, seedEpoch } from '@skein/document'
import { type ActorKey, TEXT_NAME } from '@skein/protocol'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { buildInPieces, cutIntoPieces, PIECE_BYTES_MAX, PIECE_UPDATES_MAX } from './build-in-pieces.ts'

const ANA = 'person:ana' as ActorKey
const seed = seedEpoch('a text', 1, 7)

/** Rows of many updates each; two of the last ones are lost, and some come twice. */
const typeRows = (updates: number): HistoryRow[] => {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, seed)
  const made: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => made.push(update))
  const text = doc.getText(TEXT_NAME)
  for (let n = 0; n < updates; n++) {
    const at = (n * 7919) % (text.length + 1)
    if (n % 4 === 3 && at < text.length) text.delete(at, 1)
    else text.insert(at, 'word ')
  }
  const frames = made
    .flatMap((update, n) => (n % 50 === 49 && n > updates - 120 ? [] : n % 30 === 0 ? [update, update] : [update]))
    .map((update) => ({ actor: ANA, update }))
  return Array.from({ length: Math.ceil(frames.length / 170) }, (_, n) => ({
    seq: n + 1,
    at: 0,
    frames: frames.slice(n * 170, (n + 1) * 170),
  }))
}

test('a document that is built in pieces is the one that is built in one go', async () => {
  const rows = typeRows(1_500)
  const whole = openState(seed)
  applyRows(whole, rows)
  const pieced = await buildInPieces(seed, rows)
  expect(whole.store.pendingStructs).not.toBeNull()
  expect(Y.equalSnapshots(Y.snapshot(pieced), Y.snapshot(whole))).toBe(true)
  expect(documentText(pieced)).toBe(documentText(whole))
})

test('others have a turn of the loop before each piece', async () => {
  const rows = typeRows(1_000)
  const pieces = cutIntoPieces(rows.flatMap(({ frames }) => frames))
  let turns = 0
  let isDone = false
  const turn = (): void => {
    turns++
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await buildInPieces(seed, rows)
  isDone = true
  expect(pieces.length).toBeGreaterThanOrEqual(10)
  expect(turns).toBeGreaterThanOrEqual(pieces.length)
})

test('a piece is bounded in updates and bytes, and nothing is left out', () => {
  const sizes = [
    ...Array(250).fill(10),
    PIECE_BYTES_MAX * 3,
    10,
    PIECE_BYTES_MAX,
    ...Array(5).fill(PIECE_BYTES_MAX / 2),
  ]
  const frames = sizes.map((size: number) => ({ actor: ANA, update: new Uint8Array(size) }))
  const pieces = cutIntoPieces(frames)
  expect(pieces.flat()).toEqual(frames)
  for (const piece of pieces) {
    expect(piece.length).toBeLessThanOrEqual(PIECE_UPDATES_MAX)
    const bytes = piece.reduce((sum, { update }) => sum + update.length, 0)
    expect(piece.length === 1 || bytes <= PIECE_BYTES_MAX).toBe(true)
  }
})

test('what Yjs cannot read is thrown, from whatever piece it stands in', async () => {
  const rows = typeRows(400)
  const poison = { seq: 9, at: 0, frames: [{ actor: ANA, update: Uint8Array.of(1, 1, 5, 0, 200) }] }
  await expect(buildInPieces(seed, [...rows, poison])).rejects.toThrow()
})
