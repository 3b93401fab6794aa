/** Who is let in, to what, and what they may do there. */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { MACHINE_CLOCK } from './clock.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, addTicket } from './testing/fixtures.ts'
import { lockDocument } from './testing/held-commits.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab, TEST_ORIGIN } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'
import { PING_FRAME } from './wire.ts'

const { database, ask, address } = await createTestDatabase()
const server = await startCollab(database)
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
afterAll(() => server.stop())

const open = (document: string, token: string) => openDocument({ url: server.url, token, document })
const denialOf = async (document: string, token: string): Promise<string | undefined> => {
  const client = await RawClient.open(server.url, document, token)
  client.destroy()
  return client.seen.find(({ kind }) => kind === 'denied')?.reason
}

test('a ticket opens any number of documents on the socket that showed it first, and no other', async () => {
  const [one, two] = [await addDocument(ask, project, 'one'), await addDocument(ask, project, 'two')]
  const ticket = await addTicket(ask, ana)
  const client = await RawClient.open(server.url, one, ticket)
  client.auth(two, ticket)
  client.step1(two, new Y.Doc())
  await until(() => client.count('step2') === 2, 'both texts')
  expect(await denialOf(one, ticket)).toBe('unauthenticated')
  client.destroy()
})

test('a ticket for one project opens documents of that project only', async () => {
  const other = await addProject(ask)
  await ask('insert into workspace_member (workspace_id, user_id, role) values ($1, $2, $3)', [
    other.workspaceId,
    ana.userId,
    'editor',
  ])
  const foreign = await addDocument(ask, other, 'other project')
  expect(await denialOf(foreign, await addTicket(ask, ana, { projectId: project.projectId }))).toBe('not-found')
  expect(await denialOf(foreign, await addTicket(ask, ana))).toBeUndefined()
})

test('what does not exist and what one may not see are the same', async () => {
  const foreign = await addDocument(ask, await addProject(ask), 'secret')
  expect(await denialOf(foreign, ana.token)).toBe('not-found')
  expect(await denialOf('0199a6ab-0000-7000-8000-000000000001', ana.token)).toBe('not-found')
  expect(await denialOf('../../etc/passwd', ana.token)).toBe('not-found')
})

test('GT10: somebody who shows no token cannot make the server keep much, on however many documents', async () => {
  const stranger = new RawClient(server.url)
  await stranger.connected()
  for (let i = 0; i < 100; i++) stranger.update(`document-${i}`, new Uint8Array(500_000))
  await stranger.untilClosed()
  expect(stranger.closeCode).toBe(1013)
})

test('GT10: strangers of one address who fill what there is keep nobody out who comes from there', async () => {
  const document = await addDocument(ask, project, 'hello')
  const strangers: RawClient[] = []
  const stranger = async (...sizes: number[]) => {
    const client = new RawClient(server.url)
    await client.connected()
    for (const size of sizes) client.update(document, new Uint8Array(size))
    client.bytes(PING_FRAME)
    await until(() => client.count('ping') === 2 || client.closeCode !== null, 'all of it has come')
    strangers.push(client)
    return client.closeCode
  }
  for (let i = 0; i < 4; i++) expect(await stranger(3_900_000, 3_900_000)).toBeNull()
  for (let size = 4_000_000; size >= 1; size = Math.floor(size / 2)) await stranger(size)
  expect(await stranger(3_900_000)).toBe(1013)
  const honest = open(document, ana.token)
  await untilSaved(honest)
  expect(honest.text.toString()).toBe('hello')
  for (const client of [...strangers, honest]) client.destroy()
})

test('GT10: what has come of frames that never end counts as well', async () => {
  const strangers: RawClient[] = []
  for (let i = 0; i < 10; i++) {
    const client = new RawClient(server.url)
    await client.connected()
    client.ws.send(new Uint8Array(2_000_000), { fin: false })
    client.ws.ping(new Uint8Array(100))
    client.ws.send(new Uint8Array(2_000_000), { fin: false })
    strangers.push(client)
  }
  await until(() => strangers.some(({ closeCode }) => closeCode === 1013), 'some are cut')
  expect(strangers.filter(({ closeCode }) => closeCode === null).length).toBeGreaterThan(0)
  const document = await addDocument(ask, project, 'hello')
  const honest = open(document, ana.token)
  await untilSaved(honest)
  honest.text.insert(0, 'x'.repeat(100_000))
  await untilSaved(honest)
  for (const client of [...strangers, honest]) client.destroy()
})

test('GT10: presence that comes before anybody is known counts as well', async () => {
  const strangers: RawClient[] = []
  for (let i = 0; i < 70; i++) {
    const client = new RawClient(server.url)
    await client.connected()
    for (let n = 0; n < 256; n++) client.awareness(`document-${n}`, new Uint8Array(2_000))
    strangers.push(client)
  }
  await until(() => strangers.some(({ closeCode }) => closeCode === 1013), 'some are cut')
  for (const client of strangers) client.destroy()
})

test('GT10: a state vector is not unfolded before its sender was let in, and one that is none ends the socket then', async () => {
  const document = await addDocument(ask, project)
  const client = new RawClient(server.url)
  await client.connected()
  client.sync(document, 0, Uint8Array.of(0xff, 0xff))
  client.auth(document, ana.token)
  await client.untilClosed()
  expect(client.closeCode).toBe(1008)
})

test.each(['an address', 'a token'])('GT10: %s as long as a book ends its socket', async (what) => {
  const book = 'x'.repeat(100_000)
  const client = new RawClient(server.url)
  await client.connected()
  client.auth(what === 'an address' ? book : 'document', what === 'a token' ? book : 'token')
  await client.untilClosed()
  expect(client.closeCode).toBe(1008)
})

test('GT14: one person has a hundred sockets, and others as many', async () => {
  const pat = await addPerson(ask, project, 'Pat', 'editor')
  const document = await addDocument(ask, project)
  const clients: RawClient[] = []
  for (let i = 0; i < 100; i++) clients.push(await RawClient.open(server.url, document, pat.token))
  expect(clients.every(({ closeCode }) => closeCode === null)).toBe(true)
  const another = await RawClient.open(server.url, document, pat.token)
  await another.untilClosed()
  expect(another.closeCode).toBe(1013)
  const other = await RawClient.open(server.url, document, ana.token)
  expect(other.closeCode).toBeNull()
  clients.pop()?.destroy()
  await until(async () => {
    const again = await RawClient.open(server.url, document, pat.token)
    clients.push(again)
    return again.closeCode === null
  }, 'there is room again')
  for (const client of [...clients, other]) client.destroy()
})

test('GT11: a socket that shows one wrong token after the other is closed', async () => {
  const document = await addDocument(ask, project)
  const guesser = new RawClient(server.url)
  await guesser.connected()
  for (let i = 0; i < 10 && guesser.closeCode === null; i++) {
    guesser.auth(document, `guess-${i}`)
    await until(() => guesser.count('denied') > i || guesser.closeCode !== null, 'it is denied')
  }
  await guesser.untilClosed()
  expect(guesser.closeCode).toBe(1008)
  expect(guesser.count('denied')).toBeLessThan(11)
})

test('GT11: a ticket for each of its documents is no guess', async () => {
  const client = new RawClient(server.url)
  await client.connected()
  for (let i = 0; i < 12; i++) {
    const ticket = await addTicket(ask, ana)
    client.auth(await addDocument(ask, project), ticket)
    await until(() => client.count('authenticated') > i || client.closeCode !== null, 'it is let in')
  }
  expect(client.closeCode).toBeNull()
})

test('bad tokens are denied', async () => {
  const document = await addDocument(ask, project)
  expect(await denialOf(document, '')).toBe('unauthenticated')
  expect(await denialOf(document, ana.token.replace(/.$/, 'x'))).toBe('unauthenticated')
  await ask(`update api_token set expires_at = now() - interval '1 hour' where user_id = $1`, [ana.userId])
  expect(await denialOf(document, ana.token)).toBe('unauthenticated')
  await ask('update api_token set expires_at = null where user_id = $1', [ana.userId])
})

test('a token that expires ends the sockets it opened', async () => {
  const cleo = await addPerson(ask, project, 'Cleo', 'editor')
  const document = await addDocument(ask, project)
  await ask(`update api_token set expires_at = now() + interval '1 second' where user_id = $1`, [cleo.userId])
  const client = await RawClient.open(server.url, document, cleo.token)
  await client.untilClosed()
  expect(client.closeCode).toBe(1012)
})

test.each(['viewer', 'commenter'] as const)('a %s reads along and changes nothing', async (role) => {
  const reader = await addPerson(ask, project, 'Rae', role)
  const document = await addDocument(ask, project, 'text')
  const [writer, client] = [open(document, ana.token), open(document, reader.token)]
  await untilSaved(writer, client)
  expect(client.provider.authorizedScope).toBe('readonly')
  client.text.insert(0, 'scribble ')
  writer.text.insert(4, '!')
  await untilSaved(writer)
  await until(() => client.text.toString() === 'scribble text!', 'they read along')
  expect(client.isSaved).toBe(false)
  expect((await readTruth(ask, document)).text).toBe('text!')
  for (const each of [writer, client]) each.destroy()
})

test('GT15: what viewers send takes nothing of what their document takes from those who write', async () => {
  // No rate recovers.
  const standing = await startCollab(database, { clock: { ...MACHINE_CLOCK, now: () => 0 } })
  onTestFinished(() => standing.stop())
  const document = await addDocument(ask, project, 'text')
  const large = new Y.Doc()
  large.getText('text').insert(0, 'x'.repeat(4_100_000))
  const viewers: RawClient[] = []
  for (const name of ['Vic', 'Val']) {
    const { token } = await addPerson(ask, project, name, 'viewer')
    for (let i = 0; i < 9; i++) viewers.push(await RawClient.open(standing.url, document, token))
  }
  for (const viewer of viewers) {
    viewer.update(document, Y.encodeStateAsUpdate(large))
    await until(() => viewer.count('status') === 1, 'they are told that it is not saved')
  }
  expect((await standing.metrics.render()).text).not.toContain('too-fast')
  for (const viewer of viewers) viewer.destroy()
})

test('a token without the scope to write is read-only, whatever its owner may do', async () => {
  const dan = await addPerson(ask, project, 'Dan', 'editor')
  await ask(`update api_token set scopes = '{docs:read}' where user_id = $1`, [dan.userId])
  const client = open(await addDocument(ask, project), dan.token)
  await untilSaved(client)
  expect(client.provider.authorizedScope).toBe('readonly')
  client.destroy()
})

test('a page of another origin gets no socket; our own and programs do', async () => {
  const foreign = new RawClient(server.url, 'https://evil.example')
  await foreign.untilClosed()
  expect(foreign.seen).toEqual([])
  const own = new RawClient(server.url, TEST_ORIGIN)
  await own.connected()
  expect(own.kinds()).toEqual(['ping'])
  own.destroy()
})

test('the document of a file in the trash still takes edits; a deleted project refuses', async () => {
  const other = await addProject(ask)
  const eve = await addPerson(ask, other, 'Eve', 'editor')
  const document = await addDocument(ask, other, 'late ')
  await ask('update file set deleted_at = now() where document_id = $1', [document])
  const client = open(document, eve.token)
  await untilSaved(client)
  client.text.insert(5, 'words')
  await untilSaved(client)
  expect((await readTruth(ask, document)).text).toBe('late words')
  await ask('update project set deleted_at = now() where id = $1', [other.projectId])
  await until(() => client.denials.length > 0, 'it is denied')
  expect(client.denials).toEqual(['not-found'])
  client.destroy()
})

test('GT7: whoever leaves a workspace while their document is being loaded does not get into it', async () => {
  const mia = await addPerson(ask, project, 'Mia', 'editor')
  const document = await addDocument(ask, project, 'ours')
  const stays = open(await addDocument(ask, project), ana.token)
  await untilSaved(stays)
  const unlock = await lockDocument(address, document)
  const leaves = open(document, mia.token)
  await until(() => leaves.provider.isAuthenticated, 'she was let in, and the document is being loaded')
  await ask('delete from workspace_member where user_id = $1', [mia.userId])
  await unlock()
  await until(() => leaves.denials.length > 0, 'she is denied')
  leaves.text.insert(0, 'not ')
  stays.text.insert(0, 'x')
  await untilSaved(stays)
  expect((await readTruth(ask, document)).text).toBe('ours')
  for (const each of [stays, leaves]) each.destroy()
})

test('whoever leaves a workspace is cut off, and nobody else', async () => {
  const fay = await addPerson(ask, project, 'Fay', 'editor')
  const document = await addDocument(ask, project)
  const [stays, leaves] = [open(document, ana.token), open(document, fay.token)]
  await untilSaved(stays, leaves)
  await ask('delete from workspace_member where user_id = $1', [fay.userId])
  await until(() => leaves.denials.length > 0, 'she is denied')
  leaves.text.insert(0, 'x')
  stays.text.insert(0, 'y')
  await untilSaved(stays)
  expect((await readTruth(ask, document)).text).toBe('y')
  for (const each of [stays, leaves]) each.destroy()
})

test('the project hears who is in which file', async () => {
  const other = await addProject(ask)
  const gil = await addPerson(ask, other, 'Gil', 'editor')
  const hal = await addPerson(ask, other, 'Hal', 'viewer')
  const document = await addDocument(ask, other)
  const [file] = await ask<{ id: string }>('select file_id as id from document where id = $1', [document])
  const [a, b] = [open(document, gil.token), open(document, hal.token)]
  await untilSaved(a, b)
  await until(() => server.collab.presenceOf(other.projectId).length === 2, 'both are there')
  expect(server.collab.presenceOf(other.projectId).map(({ person, fileIds }) => [person.name, fileIds])).toEqual([
    ['Gil', [file?.id]],
    ['Hal', [file?.id]],
  ])
  const colours = server.collab.presenceOf(other.projectId).map(({ person }) => person.colour)
  expect(new Set(colours)).toEqual(new Set([1, 2]))
  b.destroy()
  const last = () => server.told.at(-1)
  await until(
    () =>
      last()?.type === 'presence' && JSON.stringify(last()).includes('Gil') && !JSON.stringify(last()).includes('Hal'),
    'Hal has left',
  )
  a.destroy()
})
