import { decodeUpdateFrames } from '@skein/document'
import type { ActorKey, DocumentId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createLog } from '../observability/log.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { type CommittedRow, DocumentLog } from './document-log.ts'
import type { CommitItem, Landing } from './document-store.ts'
import { DocumentAstray } from './log-entry.ts'

const A = 'a' as DocumentId
const B = 'b' as DocumentId
const ana = 'person:ana' as ActorKey

type Items = readonly CommitItem[]

/** A database whose commits end when the test says so. */
const createRig = () => {
  const seqs = new Map<DocumentId, number>()
  const commits: { items: Items; end(error?: Error): void }[] = []
  const rows: CommittedRow[] = []
  const gone = new Set<DocumentId>()
  const refused = new Map<DocumentId, 'epoch-changed' | 'foreign-client' | 'rows-lost'>()
  const astray: DocumentId[] = []
  const rowsLost: DocumentId[] = []
  const gaps: [DocumentId, number][] = []
  const log = new DocumentLog({
    commit: (items) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => {
          if (error) return reject(error)
          const land = (document: DocumentId): Landing => {
            if (gone.has(document)) return { outcome: 'gone' }
            const reason = refused.get(document)
            if (reason) return { outcome: 'refused', reason }
            const seq = (seqs.get(document) ?? 0) + 1
            seqs.set(document, seq)
            return { outcome: 'committed', seq }
          }
          resolve(new Map(items.map(({ document }) => [document, land(document)])))
        }
        commits.push({ items, end })
      }),
    onCommit: (row) => rows.push(row),
    onAstray: (document) => astray.push(document),
    onRowsLost: (document) => rowsLost.push(document),
    onGap: (document, seq) => gaps.push([document, seq]),
    onBatch: () => {},
    onFailure: () => {},
    clock: MACHINE_CLOCK,
    log: createLog('silent'),
  })
  log.open(A, { epoch: 1, timeline: 1, head: 0 })
  log.open(B, { epoch: 1, timeline: 1, head: 0 })
  const append = (document: DocumentId, ...bytes: number[]) =>
    log.append(document, { frame: { actor: ana, update: Uint8Array.from(bytes) }, newClients: [], from: null })
  const nextCommit = async () => {
    const seen = commits.length
    while (commits.length === seen) await new Promise((resolve) => setTimeout(resolve, 1))
    return commits[seen] as (typeof commits)[number]
  }
  return { log, commits, rows, gone, refused, seqs, astray, rowsLost, gaps, append, nextCommit }
}

const updatesOf = ({ payload }: Items[number]) => decodeUpdateFrames(payload).map(({ update }) => [...update])
const failure = (code: string) => Object.assign(new Error('refused'), { code })

test('DL2: what comes while a commit is in flight goes with the next one, one row for each document', async () => {
  const { append, nextCommit, commits } = createRig()
  const first = nextCommit()
  append(A, 1)
  const commit = await first
  const second = nextCommit()
  append(A, 2)
  append(B, 3)
  append(A, 4)
  expect(commits.length).toBe(1)
  commit.end()
  const { items } = await second
  expect(items.map(({ document }) => document)).toEqual([A, B])
  expect(items.map(updatesOf)).toEqual([[[2], [4]], [[3]]])
})

test('DL2: a document that is gone fails alone', async () => {
  const { log, append, nextCommit, gone, rows } = createRig()
  gone.add(A)
  const outcomes: string[] = []
  const commit = nextCommit()
  append(A, 1)
  append(B, 2)
  log.when(A, 1, (outcome) => outcomes.push(`a ${outcome}`))
  log.when(B, 1, (outcome) => outcomes.push(`b ${outcome}`))
  ;(await commit).end()
  await log.settleAll()
  expect(outcomes.sort()).toEqual(['a gone', 'b committed'])
  expect(rows.map(({ document }) => document)).toEqual([B])
  log.when(A, 1, (outcome) => outcomes.push(`later ${outcome}`))
  expect(outcomes.at(-1)).toBe('later gone')
  await expect(log.cut(A, () => 0)).rejects.toThrow(DocumentAstray)
})

test('DL4: whoever waits for a position is called after the commit that holds it, in order', async () => {
  const { log, append, nextCommit } = createRig()
  const calls: number[] = []
  const first = nextCommit()
  append(A, 1)
  log.when(A, 1, () => calls.push(1))
  const commit = await first
  const second = nextCommit()
  append(A, 2)
  log.when(A, 2, () => calls.push(2))
  expect(calls).toEqual([])
  commit.end()
  const next = await second
  expect(calls).toEqual([1])
  next.end()
  await log.settle(A)
  expect(calls).toEqual([1, 2])
  log.when(A, 2, () => calls.push(3))
  expect(calls).toEqual([1, 2, 3])
})

test('DL5: listeners hear of a row with its number, its bytes and the positions of its updates', async () => {
  const { log, append, nextCommit, rows } = createRig()
  const commit = nextCommit()
  append(A, 1)
  append(A, 2)
  const { items, end } = await commit
  expect(rows).toEqual([])
  end()
  await log.settle(A)
  expect(rows).toHaveLength(1)
  expect(rows[0]?.seq).toBe(1)
  expect(rows[0]?.payload).toBe(items[0]?.payload)
  expect(rows[0]?.updates.map(({ position }) => position)).toEqual([1, 2])
})

test('DL6: a commit whose outcome is not known is tried again with the same rows', async () => {
  const { log, append, nextCommit, commits } = createRig()
  const first = nextCommit()
  append(A, 1)
  const lost = await first
  const second = nextCommit()
  lost.end(new Error('Connection terminated unexpectedly'))
  const again = await second
  expect(again.items).toEqual(lost.items)
  expect(log.isSettled(A)).toBe(false)
  again.end()
  await log.settle(A)
  expect(commits.length).toBe(2)
})

test('DL14: a row that the database refuses for good takes no other with it, and its document is not called gone', async () => {
  const { log, append, nextCommit, astray } = createRig()
  const outcomes: string[] = []
  const first = nextCommit()
  append(A, 1)
  append(B, 2)
  log.when(A, 1, (outcome) => outcomes.push(outcome))
  const both = await first
  const onlyA = nextCommit()
  both.end(failure('22021'))
  const a = await onlyA
  const onlyB = nextCommit()
  expect(a.items.map(({ document }) => document)).toEqual([A])
  a.end(failure('22021'))
  const b = await onlyB
  b.end()
  await log.settleAll()
  expect(log.seq(B)).toBe(1)
  expect(outcomes).toEqual(['lost'])
  expect(astray).toEqual([A])
  await expect(log.cut(A, () => 0)).rejects.toMatchObject({ isGone: false })
})

test('MN2: a commit that lands beyond a gap is acknowledged, the gap is told of, and nobody looks before it is closed', async () => {
  const { log, append, nextCommit, seqs, gaps, astray } = createRig()
  seqs.set(A, 2)
  const outcomes: string[] = []
  let memory = 'own'
  const commit = nextCommit()
  append(A, 1)
  log.when(A, 1, (outcome) => outcomes.push(outcome))
  const { end } = await commit
  const cut = log.cut(A, () => memory)
  end()
  await log.settleAll()
  expect(outcomes).toEqual(['committed'])
  expect(gaps).toEqual([[A, 3]])
  expect(log.seq(A)).toBe(0)
  expect(log.isSettled(A)).toBe(false)
  log.hear(A, 1)
  memory = 'own and theirs'
  log.hear(A, 2)
  expect(await cut).toEqual({ seq: 3, taken: 'own and theirs' })
  expect(log.isSettled(A)).toBe(true)
  expect(astray).toEqual([])
})

test('MN2: a look at a commit in flight is taken again when a row of another node got in between', async () => {
  const { log, append, nextCommit, seqs } = createRig()
  let memory = 'own'
  const cut = (async () => {
    append(A, 1)
    return log.cut(A, () => memory)
  })()
  const { end } = await nextCommit()
  memory = 'own and theirs'
  seqs.set(A, 1)
  log.hear(A, 1)
  end()
  expect(await cut).toEqual({ seq: 2, taken: 'own and theirs' })
})

test('MN5, MN7: a row of an ended epoch, or under the client id of somebody else, has no place: the document is read anew', async () => {
  const { log, append, nextCommit, astray, refused } = createRig()
  refused.set(A, 'foreign-client')
  const outcomes: string[] = []
  const commit = nextCommit()
  append(A, 1)
  append(B, 2)
  log.when(A, 1, (outcome) => outcomes.push(outcome))
  log.when(B, 1, (outcome) => outcomes.push(outcome))
  ;(await commit).end()
  await log.settleAll()
  expect(outcomes).toEqual(['lost', 'committed'])
  expect(astray).toEqual([A])
})

test('DL16: each commit names what it builds on; when that is lost, nobody is told committed and the document is read anew', async () => {
  const { log, append, nextCommit, seqs, refused, astray, rowsLost, rows } = createRig()
  const first = nextCommit()
  append(A, 1)
  ;(await first).end()
  await log.settle(A)
  seqs.set(A, 2)
  const second = nextCommit()
  append(A, 2)
  const commit = await second
  expect(commit.items).toMatchObject([{ onto: { timeline: 1, seq: 1 } }])
  commit.end()
  await log.settle(A)
  const third = nextCommit()
  append(A, 3)
  const told: string[] = []
  log.when(A, log.tail(A), (outcome) => told.push(outcome))
  const last = await third
  // It landed beyond a gap; it is there all the same.
  expect(last.items).toMatchObject([{ onto: { timeline: 1, seq: 3 } }])
  refused.set(A, 'rows-lost')
  last.end()
  await log.settle(A)
  expect([told, rowsLost, astray, rows.length]).toEqual([['lost'], [A], [A], 2])
})

test('a cut sees the document exactly at a row: now, in flight, or with the queue', async () => {
  const { log, append, nextCommit } = createRig()
  let memory = 'nothing'
  expect(await log.cut(A, () => memory)).toEqual({ seq: 0, taken: 'nothing' })
  const first = nextCommit()
  memory = 'one'
  append(A, 1)
  const commit = await first
  const inFlight = log.cut(A, () => memory)
  memory = 'two'
  append(A, 2)
  const queued = log.cut(A, () => memory)
  memory = 'three'
  append(A, 3)
  const second = nextCommit()
  commit.end()
  const next = await second
  memory = 'four'
  append(A, 4)
  next.end()
  expect(await inFlight).toEqual({ seq: 1, taken: 'one' })
  expect(await queued).toEqual({ seq: 2, taken: 'three' })
})

test('a released document is forgotten when it is settled, and can be opened again', async () => {
  const { log, append, nextCommit } = createRig()
  const commit = nextCommit()
  append(A, 1)
  log.release(A)
  expect(log.isSettled(A)).toBe(false)
  ;(await commit).end()
  await log.settle(A)
  log.open(A, { epoch: 1, timeline: 1, head: 1 })
  expect(log.seq(A)).toBe(1)
})
