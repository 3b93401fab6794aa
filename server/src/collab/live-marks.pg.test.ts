/** Ranges that a writer asks to be told of, and anchors that are placed again, beside people who type. */
import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@skein/db/testing'
import type { ListedEdit } from '@skein/document'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Mark } from '../commands/live-documents.ts'
import { openDocument, type TestClient, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, beginEpoch } from './testing/fixtures.ts'
import { startCollab } from './testing/server.ts'

const { database, ask } = await createTestDatabase()
const server = await startCollab(database)
const live = server.collab.liveDocuments
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
afterAll(() => server.stop())

const sitDown = async (document: DocumentId): Promise<TestClient> => {
  const client = openDocument({ url: server.url, token: ana.token, document })
  onTestFinished(() => client.destroy())
  await untilSaved(client)
  return client
}

const read = async (document: DocumentId) => {
  const text = (await live.read([document])).get(document)
  if (!text) throw new Error('The document is not there')
  return text
}

/** Marks the first place of each of the words in the text that was read, and writes. */
const mark = async (
  document: DocumentId,
  was: Awaited<ReturnType<typeof read>>,
  words: readonly string[],
  wanted: string | ListedEdit[] = was.text,
) => {
  const outcome = await live.write({
    document,
    writer: { actor: ben.actor, run: randomUUID() },
    read: was.revision,
    wanted: typeof wanted === 'string' ? { text: wanted } : { edits: wanted },
    marks: words.map((word) => ({ from: was.text.indexOf(word), to: was.text.indexOf(word) + word.length })),
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  if (outcome.outcome !== 'written') throw new Error(outcome.outcome)
  const marks = outcome.marks ?? []
  return { marks, texts: marks.map(({ from, to }) => outcome.current.text.slice(from, to)), text: outcome.current.text }
}

const placed = async (document: DocumentId, marks: readonly Mark[]) => {
  const found = await live.place(document, marks)
  return found?.ranges.map((range) => range && found.current.text.slice(range.from, range.to))
}

test('CF13: a range of a text that was read is told where it is after what was typed meanwhile, and after the write', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const page = await sitDown(document)
  const was = await read(document)
  page.text.insert(0, 'typed\n')
  page.text.insert(page.text.toString().indexOf('two'), '<')
  page.text.insert(page.text.toString().indexOf('two') + 3, '>')
  await untilSaved(page)
  const { marks, texts } = await mark(document, was, ['two\n', 'three'], 'ONE\ntwo\nthree\n')
  expect(texts).toEqual(['two>\n', 'three'])
  expect(marks[0]?.by).toEqual([ana.actor])
  expect(await placed(document, marks)).toEqual(['two>\n', 'three'])
  page.text.insert(page.text.toString().indexOf('three') + 2, '-')
  page.text.insert(0, 'more\n')
  await untilSaved(page)
  expect(await placed(document, marks)).toEqual(['two>\n', 'th-ree'])
})

test('CF13: what the write puts into a range and at its edges belongs to it', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const was = await read(document)
  const replaced = await mark(document, was, ['two\n'], 'one\n2\nII\nthree\n')
  expect(replaced.texts).toEqual(['2\nII\n'])
  expect(replaced.marks[0]?.by).toEqual([ben.actor])
  const now = await read(document)
  const at = now.text.indexOf('three')
  const inserted = await live.write({
    document,
    writer: { actor: ben.actor, run: randomUUID() },
    read: now.revision,
    wanted: { edits: [{ at, remove: 0, insert: 'new\n' }] },
    marks: [{ from: at, to: at }],
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  if (inserted.outcome !== 'written') throw new Error(inserted.outcome)
  expect(await placed(document, inserted.marks ?? [])).toEqual(['new\n'])
})

test('CF13: a range of which everything was removed is an empty place; an empty range goes with what follows it', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const page = await sitDown(document)
  const was = await read(document)
  const { marks } = await mark(document, was, ['two\n', ''])
  const three = was.text.indexOf('three')
  const point = await live.write({
    document,
    writer: { actor: ben.actor, run: randomUUID() },
    read: was.revision,
    wanted: { text: was.text },
    marks: [{ from: three, to: three }],
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  if (point.outcome !== 'written' || !point.marks) throw new Error(point.outcome)
  page.text.delete(4, 4)
  page.text.insert(4, 'typed\n')
  await untilSaved(page)
  expect(await placed(document, marks)).toEqual(['', ''])
  const found = await live.place(document, point.marks)
  expect(found?.current.text.slice(found.ranges[0]?.from)).toBe('three\n')
})

test('CF13: marks hold after the document has left memory, and beside something that is no text', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\nthree\n')
  const was = await read(document)
  const { marks } = await mark(document, was, ['two\n', 'three'])
  const page = await sitDown(document)
  page.text.insertEmbed(1, { picture: 'x' })
  page.text.insert(0, 'typed\n')
  await untilSaved(page)
  page.destroy()
  await until(
    async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'),
    'all documents have left memory',
  )
  expect(await placed(document, marks)).toEqual(['two\n', 'three'])
})

test('CF13: nothing is placed in a document that is gone, nor from an epoch that has ended', async () => {
  const document = await addDocument(ask, project, 'one\ntwo\n')
  const page = await sitDown(document)
  page.text.insert(0, 'typed\n')
  await untilSaved(page)
  const { marks } = await mark(document, await read(document), ['typed'])
  page.destroy()
  await until(
    async () => (await server.metrics.render()).text.includes('skein_collab_open_documents 0\n'),
    'all documents have left memory',
  )
  await beginEpoch(ask, document, 'anew\n')
  expect((await live.place(document, marks))?.ranges).toEqual([null])
  expect(await live.place(randomUUID() as DocumentId, marks)).toBeNull()
})
