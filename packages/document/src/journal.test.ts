import type { ActorKey } from '@skein/protocol'
import { expect, test } from 'vitest'
import {
  deltaToChanges,
  JOURNAL_AGE_MS_MAX,
  JOURNAL_ENTRIES_MAX,
  JOURNAL_SIZE_MAX,
  Journal,
  toChanges,
} from './journal.ts'

const ana = { actor: 'person:ana' as ActorKey }
const ben = { actor: 'person:ben' as ActorKey }
const typed = (length: number, insert = 'x') => toChanges([{ from: length, insert }], length)

test('AE1: what one person types within moments is one entry, but never across a mark, a run or somebody else', () => {
  const journal = new Journal()
  journal.append({ changes: typed(0), author: ana, at: 0 })
  journal.append({ changes: typed(1), author: ana, at: 100 })
  expect(journal.end).toBe(1)
  const mark = journal.mark()
  journal.append({ changes: typed(2), author: ana, at: 200 })
  journal.append({ changes: typed(3), author: ben, at: 300 })
  journal.append({ changes: typed(4), author: { ...ben, run: 'a' }, at: 400 })
  journal.append({ changes: typed(5), author: { ...ben, run: 'a' }, at: 500 })
  journal.append({ changes: typed(6), author: ben, at: 600 })
  journal.append({ changes: typed(7), author: ben, at: 10_000 })
  expect(journal.since(mark)?.map(({ changes }) => changes.newLength)).toEqual([3, 4, 5, 6, 7, 8])
  expect(journal.since(0)?.[0]?.changes.newLength).toBe(2)
})

test('AE1: it is bounded by entries, age, inserted text and places; what it has forgotten it says', () => {
  const journal = new Journal()
  const start = journal.mark()
  for (let n = 0; n < JOURNAL_ENTRIES_MAX + 10; n++) {
    journal.append({ changes: typed(n), author: n % 2 === 0 ? ana : ben, at: n })
  }
  expect(journal.since(start)).toBeNull()
  expect(journal.since(journal.end - JOURNAL_ENTRIES_MAX)).toHaveLength(JOURNAL_ENTRIES_MAX)
  expect(journal.since(journal.end)).toEqual([])
  journal.append({ changes: typed(JOURNAL_ENTRIES_MAX + 10), author: ana, at: JOURNAL_AGE_MS_MAX * 2 })
  expect(journal.since(journal.end - 1)).toHaveLength(1)
  expect(journal.since(journal.end - 2)).toBeNull()

  const large = new Journal()
  for (let n = 0; n < 10; n++)
    large.append({ changes: typed(n, 'x'.repeat(1024 * 1024)), author: { ...ana, run: `${n}` }, at: n })
  expect(large.since(0)).toBeNull()
  expect(large.since(large.end - 1)).toHaveLength(1)

  const everywhere = new Journal()
  for (let n = 0; n < 20; n++) {
    const removals = Array.from({ length: 10_000 }, (_, i) => ({ from: 2 * i, to: 2 * i + 1 }))
    everywhere.append({ changes: toChanges(removals, 20_000), author: { ...ana, run: `${n}` }, at: n })
  }
  expect(everywhere.since(0)).toBeNull()
  expect(everywhere.size).toBeLessThanOrEqual(JOURNAL_SIZE_MAX)
})

test('AE1: a change of Yjs becomes a change set with the text as it is, carriage returns included', () => {
  const changes = deltaToChanges([{ retain: 1 }, { insert: 'a\r\nb' }, { delete: 2 }], 5)
  expect([changes?.length, changes?.newLength]).toEqual([5, 7])
  expect(deltaToChanges([{ insert: { image: 'x' } }], 5)).toBeNull()
  expect(deltaToChanges([{ retain: 9 }, { insert: 'x' }], 5)).toBeNull()
})
