/** Remote texts that come into live ones: with PostgreSQL, Git's own diff, and people at real sockets. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { until, untilSaved } from '../../collab/testing/client.ts'
import type { WriteRequest } from '../live-documents.ts'
import { createConflictWorld } from './testing/conflict-world.ts'

const world = await createConflictWorld()
const { addText, sitDown, merge, read, conflicts, present, beginPull, deps, ana } = world

const BASE = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n'

test('CF1: what theirs changed elsewhere comes into the text, whatever is not committed of it', async () => {
  const file = await addText(BASE)
  const page = await sitDown(file)
  page.text.insert(0, 'typed ')
  await untilSaved(page)
  expect(await merge(file, { base: BASE, theirs: BASE.replace('five', 'FIVE') })).toEqual({
    conflicts: 0,
    hasChanged: true,
  })
  await until(() => page.text.toString() === 'typed one\ntwo\nthree\nfour\nFIVE\nsix\nseven\n', 'the page sees it')
  expect(await conflicts(file)).toEqual([])
})

test('CF1: what is the same on both sides, and what theirs did not touch, is nothing', async () => {
  const file = await addText(BASE)
  expect(await merge(file, { base: BASE, theirs: BASE })).toEqual({ conflicts: 0, hasChanged: false })
  expect(await merge(file, { base: 'other\n', theirs: BASE })).toEqual({ conflicts: 0, hasChanged: false })
  expect(await read(file)).toBe(BASE)
})

test('CF3: what both changed stays as ours and becomes a conflict, with three versions, a place, and who wrote ours', async () => {
  const file = await addText(BASE)
  const page = await sitDown(file)
  page.text.delete(BASE.indexOf('four'), 4)
  page.text.insert(BASE.indexOf('four'), 'our four')
  await untilSaved(page)
  const outcome = await merge(file, { base: BASE, theirs: BASE.replace('four', 'their four').replace('one', 'ONE') })
  expect(outcome).toEqual({ conflicts: 1, hasChanged: true })
  expect(await read(file)).toBe('ONE\ntwo\nthree\nour four\nfive\nsix\nseven\n')
  const [row, ...others] = await conflicts(file)
  expect(others).toEqual([])
  expect(row).toMatchObject({
    kind: 'lines',
    what: 'lines',
    path: 'notes.md',
    line: 4,
    base: { text: 'four\n' },
    ours: { text: 'our four\n' },
    theirs: { text: 'their four\n' },
    // The lines around are those that all three have.
    contextBefore: 'two\nthree\n',
    contextAfter: 'five\nsix\nseven\n',
    oursBy: [{ id: ana.userId, name: 'Ana' }],
    remoteAuthor: 'Mei',
    state: 'open',
  })
  page.text.insert(0, 'more\n')
  page.text.insert(page.text.toString().indexOf('our four') + 3, ' own')
  await untilSaved(page)
  expect(await present(file)).toEqual(['our own four\n'])
  expect(world.events).toContainEqual({ type: 'conflicts', open: 1, path: 'notes.md', by: null })
})

test('CF3: a line beside that only ours has is not told as if the others had it', async () => {
  const file = await addText('one\nour two\nthree\nour four\nfive\n')
  await merge(file, { base: 'one\ntwo\nthree\nfour\nfive\n', theirs: 'one\ntheir two\nthree\ntheir four\nfive\n' })
  expect(await conflicts(file)).toMatchObject([
    { ours: { text: 'our two\n' }, contextBefore: 'one\n', contextAfter: 'three\n' },
    { ours: { text: 'our four\n' }, contextBefore: 'three\n', contextAfter: 'five\n' },
  ])
})

test('CF3: lines that we deleted and they changed are a place without lines', async () => {
  const file = await addText(BASE.replace('four\n', ''))
  await merge(file, { base: BASE, theirs: BASE.replace('four', 'their four') })
  expect(await conflicts(file)).toMatchObject([{ ours: { text: '' }, theirs: { text: 'their four\n' }, oursBy: [] }])
  expect(await present(file)).toEqual([''])
})

test('CF4: policy theirs puts theirs into the text, and keeps ours in the decided conflict', async () => {
  const ours = BASE.replace('two', 'our two').replace('six\n', '')
  const theirs = BASE.replace('two', 'their two').replace('four', 'FOUR').replace('six', 'their six')
  const file = await addText(ours)
  expect(await merge(file, { base: BASE, theirs }, { policy: 'theirs' })).toEqual({ conflicts: 0, hasChanged: true })
  expect(await read(file)).toBe(theirs)
  expect(await conflicts(file)).toMatchObject([
    { state: 'resolved', choice: 'theirs', resolvedBy: null, ours: { text: 'our two\n' } },
    { state: 'resolved', choice: 'theirs', resolvedBy: null, ours: { text: '' }, theirs: { text: 'their six\n' } },
  ])
})

test('CF4: policy ours leaves ours and closes the conflict; policy branch leaves it open', async () => {
  const [ours, theirs] = [BASE.replace('two', 'our two'), BASE.replace('two', 'their two')]
  for (const [policy, state, left] of [
    ['ours', 'resolved', 0],
    ['branch', 'open', 1],
  ] as const) {
    const file = await addText(ours)
    expect(await merge(file, { base: BASE, theirs }, { policy })).toEqual({ conflicts: left, hasChanged: false })
    expect(await read(file)).toBe(ours)
    expect(await conflicts(file)).toMatchObject([{ state, theirs: { text: 'their two\n' } }])
  }
})

/** The world's documents, with somebody who comes in right before the writing of a changed text. */
const beforeWriting = (come: () => Promise<unknown>) => {
  let isFirst = true
  const write = async (request: WriteRequest) => {
    if (isFirst && request.late) {
      isFirst = false
      await come()
    }
    return deps.documents.write(request)
  }
  return {
    documents: {
      ...deps.documents,
      read: deps.documents.read.bind(deps.documents),
      place: deps.documents.place.bind(deps.documents),
      write,
    },
  }
}

test('CF2: what is typed between reading and writing is never removed: theirs waits as a conflict of whole lines', async () => {
  const file = await addText(BASE)
  const page = await sitDown(file)
  const type = async () => {
    page.text.insert(page.text.toString().indexOf('four') + 2, 'TYPED')
    page.text.insert(0, 'above\n')
    await untilSaved(page)
  }
  const theirs = BASE.replace('four', 'vier').replace('six', 'SIX')
  expect(await merge(file, { base: BASE, theirs }, { deps: beforeWriting(type) })).toMatchObject({ conflicts: 1 })
  expect(await read(file)).toBe('above\none\ntwo\nthree\nfoTYPEDur\nfive\nSIX\nseven\n')
  expect(await conflicts(file)).toMatchObject([
    { line: 5, base: { text: 'four\n' }, ours: { text: 'foTYPEDur\n' }, theirs: { text: 'vier\n' }, state: 'open' },
  ])
  expect(await present(file)).toEqual(['foTYPEDur\n'])
})

test('CF2: also where policy theirs is about to replace it: then a person decides', async () => {
  const file = await addText(BASE.replace('four', 'our four'))
  const page = await sitDown(file)
  const type = async () => {
    page.text.insert(page.text.toString().indexOf('four') + 2, 'TYPED')
    await untilSaved(page)
  }
  const asked = { policy: 'theirs', deps: beforeWriting(type) } as const
  expect(await merge(file, { base: BASE, theirs: BASE.replace('four', 'vier') }, asked)).toMatchObject({ conflicts: 1 })
  expect(await read(file)).toContain('our foTYPEDur\n')
  expect(await conflicts(file)).toMatchObject([{ state: 'open', theirs: { text: 'vier\n' } }])
})

test('CF5: a second try of the same pull lists the same conflicts, and writes nothing twice', async () => {
  const file = await addText(BASE.replace('two', 'our two').replace('six', 'our six'))
  const pull = await beginPull()
  const texts = { base: BASE, theirs: `${BASE.replace('two', 'their two').replace('six', 'their six')}eight\n` }
  expect(await merge(file, texts, { pull })).toEqual({ conflicts: 2, hasChanged: true })
  const [text, rows] = [await read(file), await conflicts(file)]
  expect(await merge(file, texts, { pull, isRetry: true })).toEqual({ conflicts: 2, hasChanged: false })
  expect(await read(file)).toBe(text)
  expect((await conflicts(file)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
})

test.each(['ask', 'theirs', 'ours', 'branch'] as const)(
  'CF5: killed at any step under policy %s, it lists the same conflicts in the end, with all of ours',
  async (policy) => {
    const ours = BASE.replace('two', 'our two').replace('six', 'our six')
    const texts = { base: BASE, theirs: `${BASE.replace('two', 'their two').replace('six', 'their six')}eight\n` }
    const whole = await addText(ours)
    const expected = await merge(whole, texts, { policy })
    let hits = 0
    for (let killedAt = 1; killedAt < 12; killedAt++) {
      const file = await addText(ours)
      const pull = await beginPull()
      let step = 0
      const kill = () => {
        if (++step === killedAt) throw new Error('killed')
      }
      const around =
        <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
        async (...args: Args) => {
          kill()
          const value = await call(...args)
          kill()
          return value
        }
      const { documents } = deps
      const killed = {
        documents: {
          read: around(documents.read.bind(documents)),
          write: around(documents.write.bind(documents)),
          place: around(documents.place.bind(documents)),
        },
        record: around(deps.record),
      }
      const first = await merge(file, texts, { pull, policy, deps: killed }).catch(() => 'killed')
      if (first === 'killed') hits++
      await merge(file, texts, { pull, policy, isRetry: true })
      expect(await read(file)).toBe(await read(whole))
      const listed = (rows: Awaited<ReturnType<typeof conflicts>>) =>
        rows.map(({ state, choice, base, ours: of, theirs }) => [state, choice, base?.text, of?.text, theirs?.text])
      expect(listed(await conflicts(file)), `killed at ${killedAt}`).toEqual(listed(await conflicts(whole)))
    }
    expect(expected).toMatchObject({ conflicts: policy === 'ask' || policy === 'branch' ? 2 : 0 })
    expect(hits).toBeGreaterThan(5)
  },
)

test('CF6: a later pull at the same place tells the open conflict anew', async () => {
  const file = await addText(BASE.replace('four', 'our four'))
  const first = BASE.replace('four', 'their four')
  await merge(file, { base: BASE, theirs: first })
  const [row] = await conflicts(file)
  expect(await merge(file, { base: first, theirs: first.replace('their four', 'their second four') })).toMatchObject({
    conflicts: 1,
  })
  expect(await conflicts(file)).toMatchObject([
    { id: row?.id, ours: { text: 'our four\n' }, theirs: { text: 'their second four\n' } },
  ])
  const third = first.replace('their four', 'their third four').replace('one', 'ONE')
  await merge(file, { base: first.replace('their four', 'their second four'), theirs: third })
  expect(await conflicts(file)).toMatchObject([{ id: row?.id, theirs: { text: 'their third four\n' } }])
  expect(await read(file)).toBe('ONE\ntwo\nthree\nour four\nfive\nsix\nseven\n')
})

test('CF7: what somebody typed before they saw the pull is listed as late, with the three versions', async () => {
  const file = await addText('one\ntwo\na blue car\nfour\n')
  const page = await sitDown(file)
  page.socket.disconnect()
  await until(() => page.socket.status === 'disconnected', 'the page is offline')
  const at = page.text.toString().indexOf('blue')
  page.text.delete(at, 4)
  page.text.insert(at, 'green')
  await merge(file, { base: 'one\ntwo\na blue car\nfour\n', theirs: 'one\ntwo\na red car\nfour\n' })
  void page.socket.connect()
  await untilSaved(page)
  await until(async () => (await conflicts(file)).length > 0, 'it is listed')
  const line = (await read(file)).split('\n')[2]
  expect(await conflicts(file)).toMatchObject([
    {
      what: 'late',
      state: 'open',
      line: 3,
      base: { text: 'a blue car\n' },
      ours: { text: `${line}\n` },
      theirs: { text: 'a red car\n' },
      oursBy: [{ name: 'Ana' }],
    },
  ])
  expect(line).toContain('green')
  expect(await present(file)).toEqual([`${line}\n`])
})

test('CF14: a text of very many conflicts has one, which holds the whole texts', async () => {
  const lines = (of: string) =>
    Array.from({ length: 900 }, (_, n) => (n % 3 === 0 ? `${of} ${n}\n` : `${n}\n`)).join('')
  const file = await addText(lines('our'))
  expect(await merge(file, { base: lines('base'), theirs: lines('their') })).toMatchObject({ conflicts: 1 })
  expect(await conflicts(file)).toMatchObject([
    { base: { text: lines('base') }, ours: { text: lines('our') }, theirs: { text: lines('their') } },
  ])
})

test('CF14: a text that would become too large, and one that is gone, are told', async () => {
  const file = await addText(`${BASE}${'y'.repeat(1023)}\n`)
  const theirs = `${'x'.repeat(1023)}\n`.repeat(4095) + BASE
  expect(await merge(file, { base: BASE, theirs })).toEqual({ outcome: 'too-large' })
  expect(await read(file)).toContain(BASE)
  expect(await conflicts(file)).toEqual([])
  const gone = { documentId: randomUUID() as typeof file.documentId, fileId: file.fileId }
  expect(await merge(gone, { base: '', theirs: 'x\n' })).toEqual({ outcome: 'gone' })
})
