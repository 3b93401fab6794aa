/** BK10: documents that are damaged in a backup, each in another way, beside one that is sound. */
import { isRestoredEpoch } from '@skein/document'
import { expect, test } from 'vitest'
import { compactDocument } from '../history/compact-document.ts'
import { createLogWorld, type Typist } from '../history/testing/log-world.ts'
import { beginAnew } from './begin-anew.ts'

const world = await createLogWorld()
const { db, ask } = world

const ROWS = 5
const grow = async (): Promise<Typist> => {
  const typist = await world.add('text')
  await typist.type(ROWS)
  return typist
}
const lastText = ({ texts }: Typist): string => texts.at(-1) ?? ''
const spoilRow = ({ document }: Typist) =>
  ask(`update document_update set payload = payload || '\\x00' where document_id = $1 and seq = 3`, [document])
const spoilState = ({ document }: Typist) =>
  ask('update document_state set state = set_byte(state, 9, get_byte(state, 9) # 16) where document_id = $1', [
    document,
  ])
const keepText = ({ document }: Typist, text: string) =>
  ask('update document_state set text = $2, text_seq = $3 where document_id = $1', [document, text, ROWS])
const stands = async ({ document }: Typist) => {
  const [row] = await ask<{ text: string; rows: number; [key: string]: unknown }>(
    `select d.epoch, d.head = s.text_seq and d.head = s.upto_seq as "isAtHead", s.state, s.text,
       (select count(*)::int from document_update u where u.document_id = d.id) as rows
     from document d join document_state s on s.document_id = d.id where d.id = $1`,
    [document],
  )
  return row
}
/** PostgreSQL refuses to take the history of this document. */
const refuseToFold = ({ document }: Typist) =>
  ask(`create function refuse() returns trigger language plpgsql as $$ begin raise 'no room for it'; end $$;
       create trigger refuse before insert on document_segment for each row
         when (new.document_id = '${document}') execute function refuse()`)

test('BK10: damage to documents ends no restore; whole texts beside it are kept, and sound documents are what they were', async () => {
  const sound = await grow()
  const rowWithText = await grow()
  await keepText(rowWithText, lastText(rowWithText))
  await spoilRow(rowWithText)
  const rowAlone = await grow()
  await spoilRow(rowAlone)
  const stateWithText = await grow()
  await compactDocument(db, stateWithText.document)
  await spoilState(stateWithText)
  const wrongText = await grow()
  await compactDocument(db, wrongText.document)
  await keepText(wrongText, 'what nobody has typed')
  const unfoldable = await grow()
  await refuseToFold(unfoldable)
  const all = [sound, rowWithText, rowAlone, stateWithText, wrongText, unfoldable]

  const told: string[] = []
  expect(await beginAnew(db, (line) => told.push(line))).toMatchObject({ documents: all.length, damaged: 5 })
  for (const typist of all) {
    expect(await stands(typist)).toMatchObject({ isAtHead: true, state: null, rows: 0 })
    if (typist !== rowAlone) expect((await stands(typist))?.text).toBe(lastText(typist))
    const lines = told.filter((line) => line.includes(typist.document))
    expect(lines.length).toBe(typist === sound ? 0 : 1)
  }
  const holed = (await stands(rowAlone))?.text
  expect(holed).not.toBe(lastText(rowAlone))
  expect(holed).toMatch(/t.*e.*x.*t/)
  expect(told.join('\n')).toContain(`${unfoldable.document}: its log could not be folded (no room for it); it goes on`)
  // What could not be folded is kept.
  const aside = await ask<{ kind: string; n: number }>(
    'select kind, count(*)::int as n from document_quarantine where document_id = $1 group by kind order by kind',
    [unfoldable.document],
  )
  expect(aside).toEqual([
    { kind: 'state', n: 1 },
    { kind: 'update', n: ROWS },
  ])
  // It may be done again after it was broken off.
  expect(await beginAnew(db, (line) => told.push(line))).toMatchObject({ documents: all.length, damaged: 0 })
  expect((await stands(rowWithText))?.text).toBe(lastText(rowWithText))
})

test('BK7: two restores of one backup go on in epochs that the other one does not have', async () => {
  const typist = await grow()
  const restoreEpoch = async (): Promise<number> => {
    // What the backup says.
    await ask('update document set epoch = 1 where id = $1', [typist.document])
    await beginAnew(db, () => {})
    return Number((await stands(typist))?.epoch)
  }
  const epochs = [await restoreEpoch(), await restoreEpoch(), await restoreEpoch()]
  expect(new Set(epochs).size).toBe(3)
  for (const epoch of epochs) expect(isRestoredEpoch(epoch)).toBe(true)
})
