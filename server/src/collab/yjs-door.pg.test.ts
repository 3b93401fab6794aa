/** GT17: any other Yjs client at the second door, with the stock provider of y-websocket. */
import { createTestDatabase } from '@skein/db/testing'
import { FILE_TEXT_BYTES_MAX, UPDATE_BYTES_MAX } from '@skein/protocol'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { createLog } from '../observability/log.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, addTicket, beginEpoch } from './testing/fixtures.ts'
import { HeldCommits } from './testing/held-commits.ts'
import { startCollab, TEST_ORIGIN } from './testing/server.ts'
import { layCable } from './testing/tcp-proxy.ts'
import { readTruth } from './testing/truth.ts'
import { openYjs, RawYjs, untilSynced } from './testing/yjs-client.ts'

const { database, ask } = await createTestDatabase()
const commits = new HeldCommits()
const logged: string[] = []
const log = createLog('silent')
for (const level of ['debug', 'info', 'warn', 'error'] as const) {
  vi.spyOn(log, level).mockImplementation((...parts: unknown[]) => void logged.push(JSON.stringify(parts)))
}
const server = await startCollab(database, { beforeCommit: commits.beforeCommit, log })
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
const ben = await addPerson(ask, project, 'Ben', 'editor')
// What the stock provider writes to the console when it is denied.
const told = vi.spyOn(console, 'warn').mockImplementation(() => {})
afterAll(() => server.stop())
afterEach(() => commits.release())

test('GT17: two stock providers and a client of the first door write one text, and see each other', async () => {
  const document = await addDocument(ask, project, 'here: ')
  const one = openYjs(server.url, document, ana.token)
  const two = openYjs(server.url, document, await addTicket(ask, ben))
  const ours = openDocument({ url: server.url, document, token: ben.token })
  await untilSynced(one, two)
  await untilSaved(ours)
  for (const [i, { text }] of [one, two, ours].entries()) {
    for (const letter of `writer ${i} `) text.insert(text.length, letter)
  }
  one.provider.awareness.setLocalState({ user: { name: 'Somebody else' }, cursor: 3 })
  const texts = () => [one, two, ours].map(({ text }) => text.toString())
  await until(() => new Set(texts()).size === 1 && texts()[0]?.length === 6 + 27, 'all have all')
  await untilSaved(ours)
  expect((await readTruth(ask, document)).text).toBe(one.text.toString())
  const seenBy = ({ provider }: typeof two) => provider.awareness.getStates().get(one.provider.doc.clientID)
  await until(() => seenBy(two)?.cursor === 3, 'they see the cursor')
  expect(seenBy(two)).toMatchObject({ user: { id: ana.userId, name: 'Ana' } })
  await until(() => ours.provider.awareness?.getStates().get(one.provider.doc.clientID)?.cursor === 3, 'we see it too')
  one.destroy()
  await until(() => seenBy(two) === undefined, 'they have left')
  two.destroy()
  ours.destroy()
})

test('GT17: nothing of an edit leaves before it is committed', async () => {
  const document = await addDocument(ask, project)
  const [writer, reader] = [openYjs(server.url, document, ana.token), openYjs(server.url, document, ben.token)]
  await untilSynced(writer, reader)
  commits.hold()
  writer.text.insert(0, 'secret')
  const late = openYjs(server.url, document, ben.token)
  await until(() => late.provider.wsconnected, 'another one is there')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([reader.text.toString(), late.provider.synced]).toEqual(['', false])
  commits.release()
  await until(() => [reader, late].every(({ text }) => text.toString() === 'secret'), 'they have it')
  for (const client of [writer, reader, late]) client.destroy()
})

test('GT17: a wrong token is told so, and the stock provider does not come back', async () => {
  const document = await addDocument(ask, project)
  const wrong = openYjs(server.url, document, `${ana.token.slice(0, -1)}x`)
  await until(() => wrong.closed.length > 0, 'it gave up')
  expect(wrong.closed).toEqual([4401])
  expect(told.mock.calls.flat().join()).toContain('unauthenticated')
  wrong.destroy()
  const [foreign] = [openYjs(server.url, await addDocument(ask, await addProject(ask)), ana.token)]
  await until(() => foreign.closed.length > 0, 'it gave up')
  expect(foreign.closed).toEqual([4404])
  foreign.destroy()
})

test('GT17: the token that an address holds is never logged', async () => {
  const document = await addDocument(ask, project)
  const secrets = [`${ana.token.slice(0, -2)}ab`, 'A'.repeat(43)]
  for (const secret of secrets) {
    const client = new RawYjs(server.url, document, secret)
    await client.untilClosed()
    expect(client.seen.filter(({ kind }) => kind === 'denied')).toEqual([
      { kind: 'denied', payload: new Uint8Array(), reason: 'unauthenticated' },
    ])
  }
  // A document that cannot be read is what is logged most about.
  await ask('update document_state set state = $2 where document_id = $1', [document, Buffer.of(1, 2, 3)])
  const unlucky = new RawYjs(server.url, document, ana.token)
  expect(await unlucky.untilClosed()).toBe(1013)
  expect(logged.length).toBeGreaterThan(0)
  for (const secret of [...secrets, ana.token]) expect(logged.join()).not.toContain(secret)
  expect((await server.metrics.render()).text).not.toContain(ana.token)
})

test('GT17: whoever may only read gets everything and changes nothing, and is told so once', async () => {
  const rae = await addPerson(ask, project, 'Rae', 'viewer')
  const document = await addDocument(ask, project, 'text')
  const [writer, reader] = [openYjs(server.url, document, ana.token), openYjs(server.url, document, rae.token)]
  await untilSynced(writer, reader)
  told.mockClear()
  for (let i = 0; i < 3; i++) reader.text.insert(0, 'scribble ')
  writer.text.insert(4, '!')
  await until(() => reader.text.toString().endsWith('text!'), 'they read along')
  await until(() => told.mock.calls.length > 0, 'they are told')
  expect(told.mock.calls.flat().join()).toContain('read-only')
  expect(told.mock.calls).toHaveLength(1)
  expect((await readTruth(ask, document)).text).toBe('text!')
  writer.destroy()
  reader.destroy()
})

test('GT17: after the line was cut a stock provider comes back and brings what it wrote meanwhile', async () => {
  const document = await addDocument(ask, project, 'one ')
  const cable = await layCable(server.url)
  const [away, stays] = [openYjs(cable.address, document, ana.token), openYjs(server.url, document, ben.token)]
  await untilSynced(away, stays)
  cable.cut()
  await until(() => !away.provider.wsconnected, 'it is away')
  away.text.insert(4, 'two ')
  stays.text.insert(0, 'zero ')
  cable.mend()
  await until(() => [away, stays].every(({ text }) => text.toString() === 'zero one two '), 'both have both')
  await until(async () => (await readTruth(ask, document)).text === 'zero one two ', 'and so has the database')
  away.destroy()
  stays.destroy()
  await cable.close()
})

test('GT17: a text at the limit of a file passes; an update beyond it ends the connection for good', async () => {
  const document = await addDocument(ask, project)
  const [writer, reader] = [openYjs(server.url, document, ana.token), openYjs(server.url, document, ben.token)]
  await untilSynced(writer, reader)
  writer.text.insert(0, 'x'.repeat(FILE_TEXT_BYTES_MAX))
  await until(() => reader.text.length === FILE_TEXT_BYTES_MAX, 'they have it')
  writer.text.insert(0, 'y'.repeat(UPDATE_BYTES_MAX))
  await until(() => writer.closed.length > 0, 'it gave up')
  expect(writer.closed).toEqual([4413])
  expect(reader.text.length).toBe(FILE_TEXT_BYTES_MAX)
  writer.destroy()
  reader.destroy()
})

test('GT17: whoever loses their right is cut off, and does not get in again', async () => {
  const mia = await addPerson(ask, project, 'Mia', 'editor')
  const document = await addDocument(ask, project)
  const [leaves, stays] = [openYjs(server.url, document, mia.token), openYjs(server.url, document, ana.token)]
  await untilSynced(leaves, stays)
  await ask('update api_token set revoked_at = now() where user_id = $1', [mia.userId])
  await until(() => leaves.closed.length > 0, 'it gave up')
  expect(leaves.closed).toEqual([4401])
  expect(stays.provider.wsconnected).toBe(true)
  leaves.destroy()
  stays.destroy()
})

test('GT17: of an epoch that has ended nothing is taken and nothing is told', async () => {
  const document = await addDocument(ask, project, 'first epoch')
  const cable = await layCable(server.url)
  const old = openYjs(cable.address, document, ana.token)
  await untilSynced(old)
  cable.cut()
  await until(() => server.collab.presenceOf(project.projectId).length === 0, 'nobody is there')
  await beginEpoch(ask, document, 'second epoch')
  old.text.insert(0, 'late words ')
  cable.mend()
  await until(() => old.closed.length > 0, 'it gave up')
  expect(old.closed).toEqual([4409])
  expect(old.text.toString()).toBe('late words first epoch')
  expect((await readTruth(ask, document)).text).toBe('second epoch')
  old.destroy()
  await cable.close()
})

test('GT17: what has no meaning at this door is dropped; a frame that is none ends the socket', async () => {
  const document = await addDocument(ask, project)
  const client = new RawYjs(server.url, document, ana.token)
  await client.opened()
  client.bytes(2, 0, 1, 65)
  client.bytes(7, 0)
  client.bytes(9)
  client.bytes(200, 200)
  client.bytes(3)
  client.bytes(0, 0, 1, 0)
  await until(() => client.count('step2') === 1, 'it is served all the same')
  client.bytes(0, 9, 9)
  expect(await client.untilClosed()).toBe(4400)
  expect((await server.metrics.render()).text).toMatch(/refused_total\{reason="frame-type"\} 4/)
})

test('GT17: no socket for a page of another origin, and none without a document', async () => {
  const document = await addDocument(ask, project)
  const foreign = new RawYjs(server.url, document, ana.token, 'https://evil.example')
  await foreign.untilClosed()
  expect(foreign.seen).toEqual([])
  const own = new RawYjs(server.url, document, ana.token, TEST_ORIGIN)
  own.ws.once('open', () => own.bytes(0, 0, 1, 0))
  await until(() => own.count('step2') === 1, 'it is served')
  own.destroy()
  for (const path of ['', 'a/b']) {
    const lost = new RawYjs(server.url, path, ana.token)
    await lost.untilClosed()
    expect(lost.seen).toEqual([])
  }
  expect(server.collab.takes('/yjs/x')).toBe(true)
})
