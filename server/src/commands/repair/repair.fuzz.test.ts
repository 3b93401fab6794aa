/** F25: bits turned over in a hundred stored values, rows, states, segments and keyframes, of forty documents. */
import { documentText } from '@skein/document'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { compactDocument } from '../history/compact-document.ts'
import { openTextAt } from '../history/read-history.ts'
import { createLogWorld, openStored, type Typist } from '../history/testing/log-world.ts'
import { repairDocument } from './repair-document.ts'

const VALUES = 100
const DOCUMENTS = 40
/** Looked at in each document. */
const MOMENTS = 6
const PLACES = [
  ['document_update', 'payload', 'seq'],
  ['document_state', 'state', 'upto_seq'],
  ['document_segment', 'data', 'first_seq'],
  ['document_keyframe', 'state', 'seq'],
] as const

const world = await createLogWorld()
const { db, ask } = world

const createRandom = (seed: number) => {
  let state = seed
  /** A whole number below `n`. */
  return (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

const snapshotOf = async ({ document }: Typist) => {
  const picture: unknown[] = []
  for (const [table, column, key] of PLACES) {
    picture.push(await ask(`select ${key}, ${column} from ${table} where document_id = $1 order by 1`, [document]))
  }
  return picture
}

/** A document with a past of several segments, some with a second keyframe, and a tail. */
const grow = async (random: (n: number) => number, n: number): Promise<Typist> => {
  const typist = await world.add('a text\n'.repeat(random(5)))
  if (n % 20 === 0) {
    for (let row = 0; row < 5; row++) {
      await typist.append((text) => {
        for (let i = 0; i < 2_100; i++) text.insert(text.length, 'x')
      })
    }
  }
  for (let round = random(3); round > 0; round--) {
    await typist.type(1 + random(12))
    if (random(3) > 0)
      await typist.append((text) => {
        for (let i = 0; i < 990; i++) text.insert(0, 'y')
      })
    await compactDocument(db, typist.document)
  }
  await typist.type(random(15))
  return typist
}

test.each([1, 2])('QR7, QR1: a hundred damaged values, seed %i', async (seed) => {
  const random = createRandom(seed)
  const typists: Typist[] = []
  for (let n = 0; n < DOCUMENTS; n++) typists.push(await grow(random, n))
  const before = new Map(await Promise.all(typists.map(async (typist) => [typist, await snapshotOf(typist)] as const)))
  const damaged = new Set<string>()
  // A quarter of the documents stays whole.
  const victims = typists.filter((_, n) => n % 4 !== 3)
  for (let n = 0; n < VALUES; n++) {
    const victim = victims[random(victims.length)] as Typist
    const values = []
    for (const [table, column, key] of PLACES) {
      for (const { id, bytes } of await ask<{ id: string; bytes: number }>(
        `select ${key} as id, octet_length(${column}) as bytes from ${table} where document_id = $1`,
        [victim.document],
      ))
        values.push({ table, column, key, id, bytes })
    }
    const value = values[random(values.length)] as (typeof values)[number]
    await ask(
      `update ${value.table} set ${value.column} = set_byte(${value.column}, $3, get_byte(${value.column}, $3) # $4)
       where document_id = $1 and ${value.key} = $2`,
      [victim.document, value.id, random(value.bytes), 1 << random(8)],
    )
    damaged.add(victim.document)
  }
  const results = new Map<string, number>()
  for (const typist of typists) {
    const { result, findings } = await repairDocument(db, typist.document, { isDeep: true })
    results.set(result, (results.get(result) ?? 0) + 1)
    const truth = documentText(typist.doc)
    if (!damaged.has(typist.document)) {
      expect(result).toBe('sound')
      expect(await snapshotOf(typist)).toEqual(before.get(typist))
    }
    // Bits of one value may have been turned over twice, and be right again.
    expect(result === 'sound').toBe(findings.length === 0)
    expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'sound' })
    if (result === 'new-epoch') {
      const [row] = await ask('select text, state from document_state where document_id = $1', [typist.document])
      expect(row?.state).toBeNull()
      expect(typist.texts).toContain(row?.text)
      continue
    }
    const stored = await openStored(world, typist.document)
    if (result === 'holes') await typist.appendRaw([Y.encodeStateAsUpdate(typist.doc, Y.encodeStateVector(stored))])
    expect(documentText(await openStored(world, typist.document))).toBe(truth)
    if (result === 'holes') continue
    for (let n = 0; n < MOMENTS; n++) {
      const seq = random(typist.texts.length)
      const text = typist.texts[seq]
      expect([{ epoch: 1, text }, 'unknown']).toContainEqual(await openTextAt(db, typist.document, seq))
    }
  }
  expect(results.get('sound')).toBeGreaterThanOrEqual(DOCUMENTS / 4)
  expect(results.size, JSON.stringify([...results])).toBeGreaterThanOrEqual(3)
})
