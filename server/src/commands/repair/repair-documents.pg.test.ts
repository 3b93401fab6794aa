import { expect, test } from 'vitest'
import { compactDocument } from '../history/compact-document.ts'
import { createLogWorld } from '../history/testing/log-world.ts'
import { describeQuarantine, repairDocuments } from './repair-documents.ts'

const world = await createLogWorld()
const { db, ask } = world

test('QR6: by command all documents are looked at, the damaged ones told and repaired, the others passed over', async () => {
  const [whole, row, past] = [await world.add('a'), await world.add('b'), await world.add('c')]
  for (const typist of [whole, row, past]) await typist.type(4)
  await compactDocument(db, past.document)
  await ask(`update document_update set payload = '\\x07' where document_id = $1 and seq = 2`, [row.document])
  await ask(`update document_segment set data = '\\x07' where document_id = $1`, [past.document])

  const run = async (isDryRun: boolean) => {
    const lines: string[] = []
    const summary = await repairDocuments(db, { document: null, isDryRun }, (line) => lines.push(line))
    return { told: lines.join('\n'), summary }
  }
  const dry = await run(true)
  expect(dry.summary).toBe(
    '3 documents were looked at, 2 of them damaged. Nothing was changed; without --dry-run they are repaired.',
  )
  expect(await describeQuarantine(db, 9)).toEqual([])
  const wet = await run(false)
  expect(wet.summary).toContain('2 of them damaged. They are repaired; what could not be read is kept')
  expect(wet.told).toContain(
    `Document ${row.document}\n  row 2: its bytes are not those that were written\n  It opens without`,
  )
  expect(wet.told).toContain(
    `Document ${past.document}\n  history up to row 4: its rows cannot be unpacked\n  The document itself`,
  )
  expect(wet.told).not.toContain(whole.document)
  expect((await describeQuarantine(db, 9)).join('\n')).toContain(`document ${row.document}  row 2, 1 bytes`)
  expect(await run(false)).toEqual({ told: '', summary: '3 documents were looked at, 0 of them damaged.' })
})

test('QR6: one document by its id; one that does not exist is said to be so', async () => {
  const typist = await world.add('text')
  const lines: string[] = []
  const look = (document = typist.document) =>
    repairDocuments(db, { document, isDryRun: false }, (line) => lines.push(line))
  expect(await look()).toBe('1 document was looked at, 0 of them damaged.')
  await ask('delete from document where id = $1', [typist.document])
  expect(await look()).toBe('0 documents were looked at, 0 of them damaged.')
  expect(lines.join()).toContain('There is no such document.')
})
