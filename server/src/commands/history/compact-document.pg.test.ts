import { documentText } from '@skein/document'
import type { ActorKey, DocumentId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type CompactionStep, compactDocument } from './compact-document.ts'
import { openTextAt, readUpdatesAfter } from './read-history.ts'
import { createLogWorld, openStored } from './testing/log-world.ts'

const world = await createLogWorld()
const { db, ask } = world
const NOBODY = '00000000-0000-4000-8000-000000000000' as DocumentId

const countRows = async (table: string, document: DocumentId): Promise<number> =>
  (await ask<{ n: number }>(`select count(*)::int as n from ${table} where document_id = $1`, [document]))[0]?.n ?? -1

const textStored = async (document: DocumentId): Promise<string> => documentText(await openStored(world, document))

describe('compaction', () => {
  test('DL8: rows become the state and the history; the document, its text and every update of every row stay', async () => {
    const typist = await world.add('a text\n')
    await typist.type(30)
    await typist.append((text) => text.insert(0, 'by a run '), 'agent:x' as ActorKey, 'run-1')
    const before = await readUpdatesAfter(db, typist.document, 0)
    expect(await compactDocument(db, typist.document)).toEqual({ outcome: 'compacted', rows: 31, upto: 31 })
    expect(await countRows('document_update', typist.document)).toBe(0)
    expect(await textStored(typist.document)).toBe(typist.doc.getText('text').toString())
    expect(await readUpdatesAfter(db, typist.document, 0)).toEqual(before)
    const [kept] = await ask('select text, text_seq from document_state where document_id = $1', [typist.document])
    expect(kept).toEqual({ text: typist.texts[31], text_seq: '31' })
    expect(await compactDocument(db, typist.document)).toEqual({ outcome: 'nothing' })
  })

  test('DL8: any moment is read the same before and after, across several compactions, up to the head and not beyond', async () => {
    const typist = await world.add('seed')
    for (const rows of [3, 1, 40, 7]) {
      await typist.type(rows)
      if (rows !== 7) await compactDocument(db, typist.document)
      for (const [seq, text] of typist.texts.entries()) {
        expect(await openTextAt(db, typist.document, seq)).toEqual({ epoch: 1, text })
      }
    }
    expect(await openTextAt(db, typist.document, typist.texts.length)).toBe('unknown')
    expect(await openTextAt(db, NOBODY, 0)).toBe('unknown')
    expect(await readUpdatesAfter(db, typist.document, typist.texts.length)).toBe('unknown')
    // Few rows at a time fill one segment, not one each.
    expect(await countRows('document_segment', typist.document)).toBe(1)
  })

  test('DL8: what Yjs has parked survives, and is integrated when what it waits for comes', async () => {
    const typist = await world.add('')
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(typist.doc))
    const updates: Uint8Array[] = []
    other.on('update', (update: Uint8Array) => updates.push(update))
    for (const letter of 'abcdef') other.getText('text').insert(other.getText('text').length, letter)
    other.getText('text').delete(1, 2)
    const [first, second, , fourth, ...rest] = updates as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    await typist.appendRaw([first, fourth])
    await typist.appendRaw(rest)
    await compactDocument(db, typist.document)
    expect(await textStored(typist.document)).toBe('a')
    await typist.appendRaw([second])
    await compactDocument(db, typist.document)
    await typist.appendRaw([updates[2] as Uint8Array])
    expect(await textStored(typist.document)).toBe('adef')
    await compactDocument(db, typist.document)
    expect(await textStored(typist.document)).toBe('adef')
    expect((await openStored(world, typist.document)).store.pendingStructs).toBeNull()
  })

  test('DL8: what is appended while it computes stays in the log', async () => {
    const typist = await world.add('')
    await typist.type(5)
    const outcome = await compactDocument(db, typist.document, async (step) => {
      if (step === 'computed') await typist.type(3)
    })
    expect(outcome).toEqual({ outcome: 'compacted', rows: 5, upto: 5 })
    expect(await countRows('document_update', typist.document)).toBe(3)
    expect(await textStored(typist.document)).toBe(documentText(typist.doc))
  })

  test('DL8: an append does not wait for a compaction that is under way', async () => {
    const typist = await world.add('')
    await typist.type(5)
    await compactDocument(db, typist.document, async (step) => {
      if (step === 'deleted') await typist.type(1)
    })
    expect(await textStored(typist.document)).toBe(documentText(typist.doc))
  })

  test('DL8: of two at the same time one puts its state in place, and nothing is there twice', async () => {
    const typist = await world.add('')
    await typist.type(9)
    let rival: unknown
    const outcome = await compactDocument(db, typist.document, async (step) => {
      if (step === 'computed') rival = await compactDocument(db, typist.document)
    })
    expect(rival).toEqual({ outcome: 'compacted', rows: 9, upto: 9 })
    expect(outcome).toEqual({ outcome: 'overtaken' })
    expect(await readUpdatesAfter(db, typist.document, 0)).toHaveLength(9)
    expect(await textStored(typist.document)).toBe(documentText(typist.doc))
  })

  test.each<CompactionStep>(['computed', 'replaced', 'packed', 'deleted', 'committed'])(
    'DL8: a kill when it has %s loses nothing and leaves nothing twice',
    async (killedAt) => {
      const typist = await world.add('text')
      await typist.type(4)
      await compactDocument(db, typist.document)
      await typist.type(6)
      const before = await readUpdatesAfter(db, typist.document, 0)
      const killed = compactDocument(db, typist.document, (step) => {
        if (step === killedAt) throw new Error('killed')
      })
      await expect(killed).rejects.toThrow('killed')
      expect(await readUpdatesAfter(db, typist.document, 0)).toEqual(before)
      expect(await textStored(typist.document)).toBe(documentText(typist.doc))
      await compactDocument(db, typist.document)
      expect(await readUpdatesAfter(db, typist.document, 0)).toEqual(before)
      expect(await textStored(typist.document)).toBe(documentText(typist.doc))
      expect(await countRows('document_update', typist.document)).toBe(0)
    },
  )

  test('DL8: a document that is deleted meanwhile, or begins a new epoch, is left alone', async () => {
    const gone = await world.add('')
    await gone.type(3)
    const outcome = await compactDocument(db, gone.document, async (step) => {
      if (step === 'computed') await ask('delete from document where id = $1', [gone.document])
    })
    expect(outcome).toEqual({ outcome: 'overtaken' })
    expect(await compactDocument(db, gone.document)).toEqual({ outcome: 'nothing' })

    const anew = await world.add('')
    await anew.type(3)
    expect(
      await compactDocument(db, anew.document, async (step) => {
        if (step === 'computed') await ask('update document set epoch = 2 where id = $1', [anew.document])
      }),
    ).toEqual({ outcome: 'overtaken' })
    expect(await countRows('document_update', anew.document)).toBe(3)
  })
})
