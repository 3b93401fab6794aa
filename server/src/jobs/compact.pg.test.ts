import { setTimeout as pause } from 'node:timers/promises'
import { documentText } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { type CompactionReport, keepCompact } from '../commands/history/keep-compact.ts'
import { createLogWorld, openStored } from '../commands/history/testing/log-world.ts'
import { CompactionLoop, type CompactionLoopOptions } from './compact.ts'
import { CompactionThread } from './compact-thread.ts'

const world = await createLogWorld()
const { db, ask } = world

const rowsLeft = async (document: DocumentId): Promise<number> =>
  (await ask<{ n: number }>('select count(*)::int as n from document_update where document_id = $1', [document]))[0]
    ?.n ?? -1

const start = (options: Partial<CompactionLoopOptions> = {}) => {
  const reports: [DocumentId, CompactionReport][] = []
  const faults: unknown[] = []
  const loop = new CompactionLoop({
    db,
    thread: { compact: (document) => keepCompact(db, document), stop: async () => {} },
    onReport: (...report) => reports.push(report),
    logFault: (error) => faults.push(error),
    limits: { rows: 10, bytes: 4_000, quietMs: 3_600_000 },
    pollMs: 20,
    ...options,
  })
  loop.start()
  onTestFinished(() => loop.drain())
  return { loop, reports, faults }
}

test('DL8: documents are due by rows, by bytes, or when nobody has written for a while; others are not', async () => {
  const [many, large, quiet, short] = [await world.add(), await world.add(), await world.add(), await world.add()]
  await many.type(10)
  await large.append((text) => text.insert(0, 'x'.repeat(5_000)))
  await quiet.type(1)
  await ask(`update document set updated_at = now() - interval '2 hours' where id = $1`, [quiet.document])
  await short.type(9)
  const { reports } = start()
  await expect.poll(() => reports.length).toBe(3)
  for (const { document } of [many, large, quiet]) expect(await rowsLeft(document)).toBe(0)
  expect(await rowsLeft(short.document)).toBe(9)
  // What is left of a tail counts from there on, in rows and in bytes.
  await short.type(1)
  await large.type(9)
  await expect.poll(() => reports.length).toBe(4)
  expect(await rowsLeft(large.document)).toBe(9)
})

test('DL8: in a thread of its own, from rows alone, while somebody types on', async () => {
  const typist = await world.add('a text')
  await typist.type(50)
  const thread = new CompactionThread(db.address, 50)
  const { reports, faults } = start({ thread })
  await typist.type(30)
  await expect.poll(() => rowsLeft(typist.document)).toBeLessThan(10)
  expect(faults).toEqual([])
  expect(reports.every(([, { outcome }]) => outcome === 'compacted')).toBe(true)
  expect(documentText(await openStored(world, typist.document))).toBe(documentText(typist.doc))
  // It has ended for want of work by now, or will be started anew all the same.
  await typist.type(10)
  await expect.poll(() => rowsLeft(typist.document)).toBe(0)
})

test('DL8: a document that comes while the thread is ending for want of work is compacted all the same', async () => {
  const typist = await world.add('a text')
  const thread = new CompactionThread(db.address, 1)
  onTestFinished(() => thread.stop())
  for (let n = 0; n < 4; n++) {
    await typist.type(1)
    expect(await thread.compact(typist.document)).toMatchObject({ outcome: 'compacted' })
    // The thread is told to end after a millisecond, and takes some more for it.
    await pause(n)
  }
  expect(await rowsLeft(typist.document)).toBe(0)
})

test('DL8: a document is compacted by one node at a time, and by another when that one was killed', async () => {
  const typist = await world.add()
  await typist.type(12)
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const hangs = { compact: () => held.then(() => Promise.reject(new Error('killed'))), stop: async () => release() }
  const first = start({ thread: hangs, leaseMs: 500, failureRestMs: 0 })
  const listClaims = () =>
    ask('select 1 from document_state where document_id = $1 and compact_from is not null', [typist.document])
  await expect.poll(listClaims).toHaveLength(1)
  const second = start()
  await expect.poll(() => second.reports.length).toBe(1)
  expect(first.reports).toEqual([])
  expect(await rowsLeft(typist.document)).toBe(0)
})

test('a document that cannot be compacted rests, and the others do not wait for it', async () => {
  const [bad, good] = [await world.add(), await world.add()]
  await bad.type(20)
  await good.type(10)
  const compact = (document: DocumentId) =>
    document === bad.document ? Promise.reject(new Error('no memory')) : keepCompact(db, document)
  const { reports, faults } = start({ thread: { compact, stop: async () => {} } })
  await expect.poll(() => reports.length).toBe(1)
  expect(faults).toHaveLength(1)
  expect(await rowsLeft(bad.document)).toBe(20)
  expect(documentText(await openStored(world, bad.document))).toBe(documentText(bad.doc))
})

test('QR2: damage that a compaction meets is repaired, and told', async () => {
  const typist = await world.add('text')
  await typist.type(12)
  await ask(`update document_update set payload = payload || '\\x00' where document_id = $1 and seq = 3`, [
    typist.document,
  ])
  const { reports } = start()
  await expect.poll(() => reports.length).toBe(1)
  expect(reports[0]?.[1]).toMatchObject({ outcome: 'compacted', repair: { result: 'holes' } })
})
