import { documentText } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { compactDocument } from '../history/compact-document.ts'
import { openTextAt } from '../history/read-history.ts'
import { createLogWorld, openStored, type Typist } from '../history/testing/log-world.ts'
import { repairDocument } from './repair-document.ts'

const world = await createLogWorld()
const { db, ask } = world

/** Turns one bit of a stored value over. */
const flip = (table: string, column: string, where: string, values: unknown[], byte = 3) =>
  ask(
    `update ${table} set ${column} = set_byte(${column}, ${byte} % octet_length(${column}), get_byte(${column}, ${byte} % octet_length(${column})) # 16) where ${where}`,
    values,
  )
const textOf = async ({ document }: Typist): Promise<string> => documentText(await openStored(world, document))
const kindsAside = async ({ document }: Typist): Promise<string[]> =>
  (
    await ask<{ kind: string }>('select kind from document_quarantine where document_id = $1 order by kind', [document])
  ).map(({ kind }) => kind)
const syncFrom = async (typist: Typist): Promise<void> => {
  const stored = await openStored(world, typist.document)
  await typist.appendRaw([Y.encodeStateAsUpdate(typist.doc, Y.encodeStateVector(stored))])
}

describe('repair', () => {
  test('QR1: a sound document is left as it is, and so is one that is gone or was never opened', async () => {
    const typist = await world.add('text')
    await typist.type(5)
    await compactDocument(db, typist.document)
    await typist.type(5)
    expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'sound', findings: [] })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    const nobody = '00000000-0000-4000-8000-000000000000' as DocumentId
    expect(await repairDocument(db, nobody)).toMatchObject({ result: 'gone' })
  })

  test('QR2: a damaged row is set aside; the document opens without it, and whole again once a device brings what is missing', async () => {
    const typist = await world.add('text')
    await typist.type(9)
    await flip('document_update', 'payload', 'document_id = $1 and seq = 4', [typist.document])
    const report = await repairDocument(db, typist.document)
    expect(report.result).toBe('holes')
    expect(report.findings.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['update', 4],
      ['text', 0],
    ])
    const holed = await textOf(typist)
    expect(holed).not.toBe(documentText(typist.doc))
    expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'sound' })
    const [kept] = await ask('select text, text_seq from document_state where document_id = $1', [typist.document])
    expect(kept).toEqual({ text: holed, text_seq: '10' })
    await compactDocument(db, typist.document)
    await syncFrom(typist)
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    expect(await kindsAside(typist)).toEqual(['text', 'update'])
  })

  test('QR2: a row that is intact, but on which Yjs fails, is found among the others', async () => {
    const typist = await world.add('text')
    await typist.type(6)
    await typist.appendRaw([Uint8Array.of(1, 1, 5, 0, 200)])
    await typist.type(6)
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'holes', findings: [{ seq: 7 }, {}] })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
  })

  test('QR2: of a row of many people only the updates go on which Yjs fails, and what builds on the others stays', async () => {
    const typist = await world.add('text')
    const updates: Uint8Array[] = []
    typist.doc.on('update', (update: Uint8Array) => updates.push(update))
    for (const name of ['ana ', 'ben ', 'cleo ']) typist.doc.getText('text').insert(0, name)
    const [ana, ben, cleo] = updates as [Uint8Array, Uint8Array, Uint8Array]
    const poison = Uint8Array.of(1, 1, 5, 0, 200)
    await typist.appendRaw([ana, poison, ben, poison, cleo])
    await typist.append((text) => text.insert(0, 'dora '))
    const [found] = await ask<{ payload: Buffer }>(
      'select payload from document_update where document_id = $1 and seq = 1',
      [typist.document],
    )
    const report = await repairDocument(db, typist.document)
    expect(report).toMatchObject({ result: 'holes', findings: [{ kind: 'update', seq: 1 }, { kind: 'text' }] })
    expect(report.findings[0]?.reason).toContain('2 of its 5 updates')
    expect(await textOf(typist)).toBe('dora cleo ben ana text')
    expect(
      await ask(`select bytes from document_quarantine where document_id = $1 and kind = 'update'`, [typist.document]),
    ).toEqual([{ bytes: found?.payload }])
    expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'sound' })
  })

  test('QR2: a row of nothing but updates on which Yjs fails stands empty', async () => {
    const typist = await world.add('text')
    await typist.appendRaw(Array.from({ length: 40 }, () => Uint8Array.of(1, 1, 5, 0, 200)))
    await typist.type(3)
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'holes', findings: [{ seq: 1 }, {}] })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
  })

  test('QR2: a row that is not there any more leaves a hole like a damaged one', async () => {
    const typist = await world.add('text')
    await typist.type(6)
    await ask('delete from document_update where document_id = $1 and seq in (2, 6)', [typist.document])
    expect(await repairDocument(db, typist.document)).toMatchObject({
      result: 'holes',
      findings: [{ seq: 2 }, { seq: 6 }, {}],
    })
    await syncFrom(typist)
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    expect(await compactDocument(db, typist.document)).toMatchObject({ outcome: 'compacted', rows: 8 })
  })

  test('QR3: a damaged state is made again, the same, from the history', async () => {
    const typist = await world.add('text')
    await typist.type(40)
    await compactDocument(db, typist.document)
    await typist.type(3)
    await flip('document_state', 'state', 'document_id = $1', [typist.document], 20)
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'exact', findings: [{ kind: 'state' }] })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    for (const [seq, text] of typist.texts.entries()) {
      expect(await openTextAt(db, typist.document, seq)).toEqual({ epoch: 1, text })
    }
  })

  test('QR3: a damaged first state is made again, the same, from the text it was seeded with', async () => {
    const typist = await world.add('a text\nof two lines\n')
    await typist.type(3)
    await flip('document_state', 'state', 'document_id = $1', [typist.document], 9)
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'exact' })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
  })

  test('QR4: when neither history nor seed can give the state back, a new epoch begins with the text beside it', async () => {
    const typist = await world.add('text')
    await typist.type(20)
    await compactDocument(db, typist.document)
    await typist.type(2)
    await flip('document_state', 'state', 'document_id = $1', [typist.document])
    await flip('document_keyframe', 'state', 'document_id = $1', [typist.document])
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'new-epoch' })
    const [row] = await ask(
      `select s.text, s.state, s.upto_seq, d.epoch, (select bool_and(retired) from document_client c where c.document_id = d.id) as retired
       from document d join document_state s on s.document_id = d.id where d.id = $1`,
      [typist.document],
    )
    expect(row).toEqual({ text: typist.texts[20], state: null, upto_seq: '22', epoch: 2, retired: true })
    // What came after that text is kept aside.
    expect(await kindsAside(typist)).toEqual(['state', 'update', 'update'])
  })

  test('QR5: damage to the past leaves the present alone; moments that rest on it are unknown, all others as they were', async () => {
    const typist = await world.add('text')
    await typist.type(8)
    await compactDocument(db, typist.document)
    await flip('document_segment', 'data', 'document_id = $1', [typist.document], 30)
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'sound' })
    expect(await openTextAt(db, typist.document, 5)).toBe('unknown')
    expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'history' })
    expect(await openTextAt(db, typist.document, 8)).toEqual({ epoch: 1, text: typist.texts[8] })
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    await typist.type(2)
    await compactDocument(db, typist.document)
    expect(await textOf(typist)).toBe(documentText(typist.doc))
    expect(await openTextAt(db, typist.document, 5)).toBe('unknown')
    expect(await openTextAt(db, typist.document, 9)).toEqual({ epoch: 1, text: typist.texts[9] })
  })

  test('QR6: a dry run tells what it would do, and does nothing', async () => {
    const typist = await world.add('text')
    await typist.type(4)
    await flip('document_update', 'payload', 'document_id = $1 and seq = 2', [typist.document])
    expect(await repairDocument(db, typist.document, { isDryRun: true })).toMatchObject({ result: 'holes' })
    expect(await kindsAside(typist)).toEqual([])
    expect(await repairDocument(db, typist.document)).toMatchObject({ result: 'holes' })
  })

  test('a compaction does not touch a damaged document, and a repaired one is compacted like any other', async () => {
    const typist = await world.add('text')
    await typist.type(4)
    await compactDocument(db, typist.document)
    await typist.type(4)
    for (const [table, column] of [
      ['document_update', 'payload'],
      ['document_segment', 'data'],
    ] as const) {
      await flip(table, column, 'document_id = $1', [typist.document], 12)
      expect(await compactDocument(db, typist.document)).toEqual({ outcome: 'damaged' })
      await repairDocument(db, typist.document, { isDeep: true })
    }
    expect(await compactDocument(db, typist.document)).toMatchObject({ outcome: 'compacted' })
  })
})
