/** What an operator sees of single edits, and of all of them together. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, test, vi } from 'vitest'
import { createLog } from '../observability/log.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject } from './testing/fixtures.ts'
import { startCollab } from './testing/server.ts'

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')

/** A server whose debug lines are kept; `isOn`: whether the level lets them through. */
const start = async (isOn: boolean) => {
  const lines: Record<string, unknown>[] = []
  const log = createLog('silent')
  vi.spyOn(log, 'isLevelEnabled').mockImplementation((level) => isOn && level === 'debug')
  vi.spyOn(log, 'debug').mockImplementation((line: unknown) => void lines.push(line as Record<string, unknown>))
  const server = await startCollab(database, { log })
  afterAll(() => server.stop())
  return { server, lines }
}

const typeIn = async (url: string, document: string): Promise<void> => {
  const client = openDocument({ url, document, token: ana.token })
  await untilSaved(client)
  for (const letter of 'abc') {
    client.text.insert(0, letter)
    await untilSaved(client)
  }
  client.destroy()
}

test('OB1: each edit is followed from its frame to its acknowledgement, with the row and the batch that hold it', async () => {
  const { server, lines } = await start(true)
  const document = await addDocument(ask, project)
  await typeIn(server.url, document)
  await until(() => lines.filter(({ step }) => step === 'acknowledged').length >= 3, 'three are acknowledged')
  const edits = Map.groupBy(lines, ({ edit }) => edit)
  const appended = [...edits.values()].filter((steps) => steps.some(({ seq }) => seq !== 0))
  expect(appended.length).toBeGreaterThanOrEqual(3)
  for (const steps of edits.values()) {
    // A client that has nothing of its own says so too, in an update that is nobody's.
    if (!steps.some(({ step }) => step === 'append')) continue
    expect(steps.map(({ step }) => step)).toEqual(['frame', 'append', 'commit', 'acknowledged'])
    expect(steps[0]).toMatchObject({ bytes: expect.any(Number) })
    expect(steps[2]).toMatchObject({ document, seq: expect.any(Number), batch: expect.any(Number) })
  }
  const rows = await ask<{ seq: string }>('select seq from document_update where document_id = $1', [document])
  const seqs = lines.filter(({ step }) => step === 'commit').map(({ seq }) => seq)
  expect(seqs).toEqual(expect.arrayContaining(rows.map(({ seq }) => Number(seq))))
})

test('OB1: with a higher level an edit has no id, and nothing is told', async () => {
  const { server, lines } = await start(false)
  await typeIn(server.url, await addDocument(ask, project))
  expect(lines).toEqual([])
})

test('OB2: what is counted and timed on the way of an edit stands in the metrics', async () => {
  const { server } = await start(false)
  const document = await addDocument(ask, project)
  const reader = openDocument({ url: server.url, document, token: ana.token })
  await untilSaved(reader)
  await typeIn(server.url, document)
  await until(() => reader.text.length === 3, 'the reader has it')
  reader.destroy()
  await until(async () => /evictions_total [1-9]/.test((await server.metrics.render()).text), 'it left memory')
  const { text } = await server.metrics.render()
  for (const metric of ['ack_seconds', 'fanout_seconds', 'commit_seconds', 'commit_updates', 'load_seconds']) {
    expect(text, metric).toMatch(new RegExp(`skein_collab_${metric}_count [1-9]`))
  }
  for (const gauge of ['open_documents', 'open_bytes', 'queued_bytes', 'queued_updates', 'held_bytes']) {
    expect(text, gauge).toMatch(new RegExp(`^skein_collab_${gauge} \\d+$`, 'm'))
  }
  expect(text).toMatch(/skein_collab_delivered_total [1-9]/)
})
