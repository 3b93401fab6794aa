/** Moments of a document that has had more than one epoch. */
import { documentLogQueries, documentRepairQueries } from '@skein/db'
import { documentText, encodeUpdateFrames, openState, seedEpoch } from '@skein/document'
import { SKEIN } from '@skein/protocol'
import { expect, test } from 'vitest'
import { repairDocument } from '../repair/repair-document.ts'
import { compactDocument } from './compact-document.ts'
import { openTextAt } from './read-history.ts'
import { ANA, createLogWorld } from './testing/log-world.ts'

const world = await createLogWorld()
const { db, ask } = world

test('QR5: a moment is never guessed from another epoch, when the first state of its own is lost', async () => {
  const typist = await world.add('first epoch ')
  await typist.type(3)
  await compactDocument(db, typist.document)
  const text = typist.texts[3] as string
  await db.onLog((tx) => documentRepairQueries.beginEpoch(tx, typist.document))
  const state = seedEpoch(text, 2, 9)
  await db.onLog((tx) => documentLogQueries.insertSeed(tx, typist.document, { state, clientId: 9, actor: SKEIN }))
  const doc = openState(state)
  let updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const texts = new Map<number, string>()
  for (const word of ['a ', 'b ', 'c ', 'd ', 'e ']) {
    updates = []
    doc.getText('text').insert(0, word)
    const payload = encodeUpdateFrames(updates.map((update) => ({ actor: ANA, update })))
    const [row] = await documentLogQueries.appendUpdates(db.log, [
      { document: typist.document, epoch: 2, payload, clients: [] },
    ])
    texts.set(row?.seq as number, documentText(doc))
  }
  const expectAll = async (epoch: number, known: ReadonlyMap<number, string>): Promise<void> => {
    for (const [seq, each] of known) expect(await openTextAt(db, typist.document, seq)).toEqual({ epoch, text: each })
  }
  await expectAll(2, texts)
  await compactDocument(db, typist.document)
  await expectAll(2, texts)
  const [last] = [...texts.keys()].slice(-1) as [number]
  await ask(`update document_keyframe set state = state || '\\x00' where document_id = $1 and epoch = 2`, [
    typist.document,
  ])
  for (const isRepaired of [false, true]) {
    if (isRepaired)
      expect(await repairDocument(db, typist.document, { isDeep: true })).toMatchObject({ result: 'history' })
    for (const seq of texts.keys()) if (seq !== last) expect(await openTextAt(db, typist.document, seq)).toBe('unknown')
    await expectAll(2, new Map([[last, texts.get(last) as string]]))
    await expectAll(1, new Map([...typist.texts.entries()].slice(0, 3)))
  }
})
