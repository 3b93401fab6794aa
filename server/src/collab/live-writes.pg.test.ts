/** Writing into live texts from inside the server, beside people who type over real sockets. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@skein/db/testing'
import type { ListedEdit } from '@skein/document'
import { type DocumentId, Refusal, type Revision } from '@skein/protocol'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { compactDocument } from '../commands/history/compact-document.ts'
import type { HunkReport, WriteRequest } from '../commands/live-documents.ts'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { HeldCommits } from './testing/held-commits.ts'
import { RelayNetwork } from './testing/memory-relay.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask } = await createTestDatabase()
const commits = new HeldCommits()
const server = await startCollab(database, { beforeCommit: commits.beforeCommit })
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => server.stop())

const read = async (document: DocumentId, at: TestCollab = server) => {
  const text = (await at.collab.liveDocuments.read([document])).get(document)
  if (!text) throw new Error('The document is not there')
  return text
}

/** Somebody at the keyboard. */
const sitDown = async (document: DocumentId, at: TestCollab = server): Promise<TestClient> => {
  const client = openDocument({ url: at.url, token: ana.token, document })
  onTestFinished(() => client.destroy())
  await untilSaved(client)
  return client
}

const write = async (
  document: DocumentId,
  revision: Revision | null,
  wanted: string | readonly ListedEdit[],
  more: Partial<WriteRequest> & { at?: TestCollab } = {},
) => {
  const { at = server, ...request } = more
  return at.collab.liveDocuments.write({
    document,
    writer: { actor: ben.actor, run: randomUUID() },
    read: revision,
    wanted: typeof wanted === 'string' ? { text: wanted } : { edits: wanted },
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
    ...request,
  })
}

const untilUnloaded = () =>
  until(
    async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'),
    'all documents have left memory',
  )

test('AE1: a stale write is followed through what was typed while the document was in memory', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  page.text.insert(0, 'typed\n')
  page.text.delete(page.text.toString().indexOf('two'), 3)
  await untilSaved(page)
  const outcome = await write(document, revision, 'one\nTWO\nTHREE\n')
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: 'typed\none\n\nTHREE\n' } })
  if (outcome.outcome !== 'written') return
  expect(outcome.hunks.map(({ line, result }) => [line, result.outcome])).toEqual([
    [2, 'review'],
    [3, 'rebased'],
  ])
  expect(outcome.hunks[0]?.result).toMatchObject({ baseText: 'two', presentText: '', others: [ana.actor] })
  await until(() => page.text.toString() === 'typed\none\n\nTHREE\n', 'the page sees it')
})

test('AE1: and after it has left memory, and after its rows were compacted, from the log', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const { revision } = await read(document)
  const page = await sitDown(document)
  page.text.insert(0, 'typed\n')
  await untilSaved(page)
  page.text.insert(page.text.toString().indexOf('two'), 'tw')
  await untilSaved(page)
  page.destroy()
  await untilUnloaded()
  const first = await write(document, revision, 'one\nTWO\nTHREE\n')
  expect(first).toMatchObject({
    outcome: 'written',
    current: { text: 'typed\none\ntwtwo\nTHREE\n' },
    hunks: [{ result: { outcome: 'review', others: [ana.actor] } }, { result: { outcome: 'rebased' } }],
  })
  await untilUnloaded()
  expect(await compactDocument(database, document)).toMatchObject({ outcome: 'compacted' })
  const second = await write(document, revision, 'ONE\ntwo\nthree\n')
  expect(second).toMatchObject({ outcome: 'written', current: { text: 'typed\nONE\ntwtwo\nTHREE\n' } })
})

test('AE1: a revision of one node is known at another', async () => {
  const network = new RelayNetwork(MACHINE_CLOCK)
  const start = async (name: string) => {
    const node = await startCollab(database, { relay: network.connect(name) })
    onTestFinished(() => node.stop())
    return node
  }
  const [a, b] = [await start('a'), await start('b')]
  const document = await addDocument(ask, project, 'one\ntwo\n')
  const page = await sitDown(document, a)
  await sitDown(document, b)
  const { revision } = await read(document, a)
  page.text.insert(0, 'typed at a\n')
  await untilSaved(page)
  const outcome = await write(document, revision, 'one\nTWO\n', { at: b })
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: 'typed at a\none\nTWO\n' } })
  const again = await write(document, outcome.current.revision, 'typed at a\nONE\nTWO\n', { at: a })
  expect(again).toMatchObject({ outcome: 'written', hunks: [{ result: { outcome: 'applied' } }] })
  await until(() => page.text.toString() === 'typed at a\nONE\nTWO\n', 'the page sees both')
})

test('AE1: what names no text that ever was is stale, and told the current one', async () => {
  const document = await addDocument(ask, project, 'one\n')
  const other = await addDocument(ask, project, 'other\n')
  const current = await read(document)
  for (const revision of ['nonsense', `${document}:2:0`, `${document}:1:9`, (await read(other)).revision]) {
    expect(await write(document, revision as Revision, 'x')).toEqual({ outcome: 'stale', current })
  }
})

test('AE2: a quote that the read text does not have may be meant for the current one, but not when it is only similar', async () => {
  const document = await addDocument(ask, project, 'one two three four five six\n')
  const { revision } = await read(document)
  await write(document, revision, 'one two three four five six\nseven eight nine ten\n')
  const quote = { oldText: 'seven eight nine ten', newText: 'SEVEN' }
  expect(await write(document, revision, [quote])).toMatchObject({
    outcome: 'written',
    current: { text: 'one two three four five six\nSEVEN\n' },
    matches: ['exact'],
  })
  const similar = await write(document, revision, [{ oldText: 'SEVENN', newText: 'x' }])
  expect(similar).toMatchObject({ outcome: 'unplaced', problem: { edit: 0, problem: { problem: 'missing' } } })
})

/** Types at the end of the first line without a pause until it is told to stop; returns when the server has some of it. */
const keepTyping = async (document: DocumentId, page: TestClient): Promise<() => void> => {
  const timer = setInterval(() => page.text.insert(page.text.toString().indexOf('\n'), '!'), 50)
  const stop = () => clearInterval(timer)
  onTestFinished(stop)
  await until(async () => (await read(document)).text.includes('!'), 'the server has what they type')
  return stop
}

test('AE4: a hunk waits for whoever is typing on its line, and is made when they stop', async () => {
  const document = await addDocument(ask, project, 'one two\nthree\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  const stop = await keepTyping(document, page)
  const writing = write(document, revision, 'ONE two\nTHREE\n', { waitMs: 5_000 })
  const ownFrames = async () => (await readTruth(ask, document)).frames.filter(({ actor }) => actor === ben.actor)
  await until(async () => (await ownFrames()).length === 1, 'the line on which nobody types does not wait')
  expect((await readTruth(ask, document)).text).toMatch(/^one two!+\nTHREE\n$/)
  stop()
  await writing
  expect((await readTruth(ask, document)).text).toMatch(/^ONE two!+\nTHREE\n$/)
  expect(await ownFrames()).toHaveLength(2)
})

test('AE4: when they do not stop it goes to review', async () => {
  const document = await addDocument(ask, project, 'one two\nthree\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  const stop = await keepTyping(document, page)
  const outcome = await write(document, revision, 'ONE two\nTHREE\n', { waitMs: 500 })
  if (outcome.outcome !== 'written') throw new Error(outcome.outcome)
  expect(outcome.hunks.map(({ result }) => result)).toMatchObject([
    { outcome: 'review', reason: 'typing', baseText: 'one' },
    { outcome: 'rebased' },
  ])
  stop()
  await untilSaved(page)
  expect((await readTruth(ask, document)).text).toMatch(/^one two!+\nTHREE\n$/)
})

test('AE5: something that is no text, put there by a foreign client, costs nobody a character', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  page.text.insertEmbed(0, { picture: 'x' })
  page.text.insert(1, 'typed\n')
  await untilSaved(page)
  const outcome = await write(document, revision, 'one\nTWO\n')
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: 'typed\none\nTWO\n' } })
  await until(() => page.text.toString() === 'typed\none\nTWO\n', 'the page sees it')
  expect(page.text.toDelta()[0]).toEqual({ insert: { picture: 'x' } })
})

test('AE6: a write returns after its commit; one client id for each actor, and the run beside each edit', async () => {
  const document = await addDocument(ask, project, 'one\n')
  const { revision } = await read(document)
  await sitDown(document)
  const runs = [randomUUID(), randomUUID()]
  commits.hold()
  let isDone = false
  const first = write(document, revision, 'one\ntwo\n', { writer: { actor: ben.actor, run: runs[0] as string } })
  void first.then(() => {
    isDone = true
  })
  await sleep(50)
  expect(isDone).toBe(false)
  commits.release()
  const { current } = await first
  expect((await readTruth(ask, document)).text).toBe('one\ntwo\n')
  await write(document, current.revision, 'one\n2\n', { writer: { actor: ben.actor, run: runs[1] as string } })
  const { frames } = await readTruth(ask, document)
  expect(frames.map(({ actor, run }) => [actor, run])).toEqual(runs.map((run) => [ben.actor, run]))
  const clients = new Set(frames.flatMap(({ update }) => [...Y.parseUpdateMeta(update).from.keys()]))
  const bound = await ask<{ id: string }>(
    'select client_id as id from document_client where document_id = $1 and actor = $2',
    [document, ben.actor],
  )
  expect([...clients]).toEqual(bound.map(({ id }) => Number(id)))
})

test('AE6: whoever loses the right while a hunk waits writes nothing more', async () => {
  const document = await addDocument(ask, project, 'one\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  const stop = await keepTyping(document, page)
  let questions = 0
  const checkRight = async () => {
    if (questions++ > 0) throw new Refusal('forbidden', 'You are a viewer here.')
  }
  await expect(write(document, revision, 'ONE\n', { waitMs: 5_000, checkRight })).rejects.toThrow('viewer')
  stop()
  await untilSaved(page)
  expect((await readTruth(ask, document)).text).toMatch(/^one!+\n$/)
})

test('AE6: a run that is tried again at another node after a crash finds what it has written', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  const writer = { actor: ben.actor, run: randomUUID() }
  const wanted = 'one\none\ntwo\ntwo\n'
  const first = await write(document, revision, wanted, { writer })
  page.text.insert(2, 'x')
  await untilSaved(page)
  page.destroy()
  await untilUnloaded()
  const after = await startCollab(database)
  onTestFinished(() => after.stop())
  const second = await write(document, revision, wanted, { writer, isRetry: true, at: after })
  expect(second.current.text).toBe((await readTruth(ask, document)).text)
  expect(second.current.text.replace('x', '')).toBe(wanted)
  expect(outcomesOf(second)).toEqual(outcomesOf(first))
})

test('AE6: the anchors of a review hold on to their place while people type around it', async () => {
  const document = await addDocument(ask, project, 'a blue car\n')
  const page = await sitDown(document)
  const { revision } = await read(document)
  page.text.delete(2, 4)
  page.text.insert(2, 'green')
  await untilSaved(page)
  const outcome = await write(document, revision, 'a red car\n')
  if (outcome.outcome !== 'written') throw new Error(outcome.outcome)
  const result = outcome.hunks[0]?.result
  if (result?.outcome !== 'review') throw new Error('it was not reviewed')
  page.text.insert(0, 'before ')
  page.text.insert(page.text.length, 'after')
  const placeOf = (anchor: Uint8Array) =>
    Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(anchor), page.provider.document)?.index
  const [from, to] = [placeOf(result.anchorStart), placeOf(result.anchorEnd)]
  expect(page.text.toString().slice(from, to)).toBe('green')
})

test('AE3: a large file is written in bounded time, and its limit holds after the merge', async () => {
  const lines = Array.from({ length: 60_000 }, (_, n) => `line ${n} of a file that is as large as files may be here\n`)
  const text = lines.join('')
  const document = await addDocument(ask, project, text)
  const { revision } = await read(document)
  const page = await sitDown(document)
  page.text.insert(0, 'typed\n')
  await untilSaved(page)
  const wanted = lines.map((line, n) => (n % 5_000 === 0 ? `LINE${line.slice(4)}` : line)).join('')
  const outcome = await write(document, revision, wanted)
  expect(outcome.current.text).toBe(`typed\n${wanted}`)
  const tooMuch = `${wanted}${'x'.repeat(4 * 1024 * 1024 - wanted.length)}`
  expect(await write(document, revision, tooMuch)).toMatchObject({ outcome: 'too-large' })
})

const outcomesOf = (outcome: Awaited<ReturnType<typeof write>>) =>
  outcome.outcome === 'written' ? outcome.hunks.map(({ result }: HunkReport) => result.outcome) : []

test('AE2: a quote that is only similar to the present text overwrites nothing of it when the writer names no text', async () => {
  const document = await addDocument(ask, project, 'start\n')
  const client = await sitDown(document)
  const asRead =
    'The total amount of the invoice is 12,000 euro, payable within thirty days after delivery.\nPlease quote our number.\n'
  client.text.insert(6, asRead.replace('12,000', '97,531'))
  await untilSaved(client)
  const outcome = await write(document, null, [{ oldText: asRead, newText: asRead.replace('thirty', 'forty') }])
  expect(outcome.outcome).toBe('unplaced')
  expect((await read(document)).text).toContain('97,531')
})

test('AE3: two words on each of many thousand lines are at most 2,000 hunks, and all of them are made', async () => {
  const lines = Array.from({ length: 6_000 }, (_, n) => `${n} aa bb cc dd ee ff`)
  const document = await addDocument(ask, project, lines.join('\n'))
  const page = await sitDown(document)
  const { revision, text } = await read(document)
  page.text.insert(0, 'typed\n')
  await untilSaved(page)
  const wanted = text.replaceAll('cc', 'xx').replaceAll('ff', 'yy')
  const outcome = await write(document, revision, wanted)
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: `typed\n${wanted}` } })
  if (outcome.outcome !== 'written') return
  expect(outcome.hunks.length).toBeLessThanOrEqual(2_000)
  expect(new Set(outcome.hunks.map(({ result }) => result.outcome))).toEqual(new Set(['rebased']))
})

test('AE3: a text in many pieces takes fewer hunks of a write, and the same text comes of it', async () => {
  const document = await addDocument(ask, project, '')
  const page = await sitDown(document)
  page.text.doc?.transact(() => {
    for (let n = 0; n < 16_000; n++) page.text.insert(n % 2 === 0 ? page.text.length : 0, n % 14 < 2 ? 'ab\n' : 'ab ')
  })
  await untilSaved(page)
  const { revision, text } = await read(document)
  expect(text.split('\n').length).toBeGreaterThan(2_000)
  const wanted = text.replaceAll('\n', ' cd\n')
  const outcome = await write(document, revision, wanted)
  expect(outcome).toMatchObject({ outcome: 'written', current: { text: wanted } })
  if (outcome.outcome !== 'written') return
  expect(outcome.hunks.length).toBeLessThanOrEqual(1_024)
})

test('AE6: the right to write is asked again when the hunks of a large text have been found', async () => {
  const document = await addDocument(ask, project, 'a line of a text\n'.repeat(10_000))
  const { revision, text } = await read(document)
  let asked = 0
  const checkRight = async () => {
    asked++
    if (asked > 1) throw new Refusal('not-found', 'gone')
  }
  await expect(write(document, revision, `${text}more\n`, { checkRight })).rejects.toMatchObject({ code: 'not-found' })
  expect((await read(document)).text).toBe(text)
})
