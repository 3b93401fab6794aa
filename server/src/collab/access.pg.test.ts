/** GT7: rights that change while people are connected, on two nodes that share one database and nothing else. */
import { openDatabase } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { DocumentId } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { resetPassword } from '../commands/accounts/reset-password.ts'
import { openDocument, until, untilSaved } from './testing/client.ts'
import { addDocument, addPerson, addProject, addSession, addTicket, type TestPerson } from './testing/fixtures.ts'
import { lockDocument } from './testing/held-commits.ts'
import { RawClient } from './testing/raw-client.ts'
import { startCollab } from './testing/server.ts'
import { readTruth } from './testing/truth.ts'

const { database, ask, address } = await createTestDatabase()
const nodes = [await startCollab(database), await startCollab(database)] as const
const project = await addProject(ask)
const ana = await addPerson(ask, project, 'Ana', 'editor')
afterAll(async () => {
  for (const node of nodes) await node.stop()
})

const open = (url: string, document: string, token: string) => openDocument({ url, token, document })
/** A socket for each node, with the document open. */
const attach = async (document: DocumentId, tokens: readonly string[]): Promise<RawClient[]> => {
  const clients: RawClient[] = []
  for (const [i, token] of tokens.entries()) {
    const client = await RawClient.open(nodes[i % 2]?.url ?? '', document, token)
    await client.until(({ kind }) => kind === 'step2')
    clients.push(client)
  }
  return clients
}
const untilCut = (clients: readonly RawClient[]) =>
  until(() => clients.every(({ closeCode }) => closeCode === 1012), 'they are cut off')
const isUntouched = ({ closeCode, ws }: RawClient) => closeCode === null && ws.readyState === ws.OPEN

/** What somebody else does, and to whom; `person` has a socket on each node that is to be cut off. */
const changes: Record<string, (person: TestPerson) => Promise<unknown>> = {
  'a role is lowered': ({ userId }) => ask(`update workspace_member set role = 'viewer' where user_id = $1`, [userId]),
  'a member is removed': ({ userId }) => ask('delete from workspace_member where user_id = $1', [userId]),
  'a token is revoked': ({ userId }) => ask('update api_token set revoked_at = now() where user_id = $1', [userId]),
  'a token gets narrower': ({ userId }) =>
    ask(`update api_token set scopes = '{docs:read}' where user_id = $1`, [userId]),
  'an account is deleted': ({ userId }) => ask('delete from auth."user" where id = $1', [userId]),
}

test.each(Object.entries(changes))(
  'GT7: when %s, their sockets are cut on every node, and nobody else’s',
  async (_, change) => {
    const person = await addPerson(ask, project, 'Mia', 'editor')
    const document = await addDocument(ask, project, 'ours')
    const others = await attach(document, [ana.token, ana.token])
    const theirs = await attach(document, [person.token, person.token])
    await change(person)
    await untilCut(theirs)
    expect(others.every(isUntouched)).toBe(true)
    for (const client of others) client.destroy()
  },
)

test('GT7: twenty who lose their rights at once are cut off, and twenty others are not', async () => {
  const people = await Promise.all(Array.from({ length: 40 }, (_, i) => addPerson(ask, project, `P${i}`, 'editor')))
  const document = await addDocument(ask, project)
  const [leaving, staying] = [people.slice(0, 20), people.slice(20)]
  const tokensOf = (list: readonly TestPerson[]) => list.map(({ token }) => token)
  const theirs = await attach(document, tokensOf(leaving))
  const others = await attach(document, tokensOf(staying))
  await ask('delete from workspace_member where user_id = any($1)', [leaving.map(({ userId }) => userId)])
  await untilCut(theirs)
  expect(others.every(isUntouched)).toBe(true)
  for (const client of others) client.destroy()
})

test.each(['project', 'workspace'] as const)('GT7: when a %s is deleted, everybody in it is cut off', async (what) => {
  const other = await addProject(ask)
  const eve = await addPerson(ask, other, 'Eve', 'owner')
  const inside = await attach(await addDocument(ask, other), [eve.token, eve.token])
  const outside = await attach(await addDocument(ask, project), [ana.token, ana.token])
  const id = what === 'project' ? other.projectId : other.workspaceId
  await ask(`update ${what} set deleted_at = now() where id = $1`, [id])
  await untilCut(inside)
  expect(outside.every(isUntouched)).toBe(true)
  for (const client of outside) client.destroy()
})

test('GT7: a session that ends takes its own sockets with it, not those of another session of the same person', async () => {
  const person = await addPerson(ask, project, 'Sam', 'editor')
  const document = await addDocument(ask, project)
  const [here, there] = [await addSession(ask, person), await addSession(ask, person)]
  const ticketsOf = async (sessionId: string) => [
    await addTicket(ask, person, { sessionId }),
    await addTicket(ask, person, { sessionId }),
  ]
  const ended = await attach(document, await ticketsOf(here))
  const others = await attach(document, await ticketsOf(there))
  await ask('delete from auth."session" where id = $1', [here])
  await untilCut(ended)
  expect(others.every(isUntouched)).toBe(true)
  for (const client of others) client.destroy()
})

test('GT7: the operator’s new password, given by another process, ends every session', async () => {
  const person = await addPerson(ask, project, 'kim', 'editor')
  await ask(
    `insert into auth."account" ("id", "accountId", "providerId", "userId", "password", "updatedAt")
     values ($1, $1, 'credential', $1, 'old', now())`,
    [person.userId],
  )
  const clients = await attach(await addDocument(ask, project), [
    await addTicket(ask, person),
    await addTicket(ask, person),
  ])
  const elsewhere = openDatabase(address)
  const outcome = await resetPassword(
    { db: elsewhere, hashPassword: async () => 'new', randomBytes: (n) => Buffer.alloc(n) },
    `${person.userId}@example.org`,
  ).finally(() => elsewhere.close())
  expect(outcome).toMatchObject({ outcome: 'reset', sessionsEnded: 2 })
  await untilCut(clients)
})

test('GT7: whoever may only read from now on comes back as a reader, and what was not saved is told as not saved', async () => {
  const person = await addPerson(ask, project, 'Rae', 'editor')
  const document = await addDocument(ask, project, 'text')
  const writer = open(nodes[0].url, document, person.token)
  await untilSaved(writer)
  writer.socket.disconnect()
  // A provider that still takes itself for connected would not connect again.
  await until(() => writer.socket.status === 'disconnected', 'the socket is away')
  writer.text.insert(0, 'late ')
  await ask(`update workspace_member set role = 'viewer' where user_id = $1`, [person.userId])
  void writer.socket.connect()
  await until(() => writer.provider.authorizedScope === 'readonly', 'they are let in again, to read')
  await until(() => writer.provider.synced, 'they read on')
  expect(writer.isSaved).toBe(false)
  expect((await readTruth(ask, document)).text).toBe('text')
  writer.destroy()
})

test('GT7: whoever is raised to a writer writes on, without doing anything', async () => {
  const person = await addPerson(ask, project, 'Wes', 'viewer')
  const document = await addDocument(ask, project, 'text')
  const reader = open(nodes[0].url, document, person.token)
  await untilSaved(reader)
  await ask(`update workspace_member set role = 'editor' where user_id = $1`, [person.userId])
  await until(() => reader.provider.authorizedScope === 'read-write', 'they are let in again, to write')
  reader.text.insert(0, 'my ')
  await untilSaved(reader)
  expect((await readTruth(ask, document)).text).toBe('my text')
  reader.destroy()
})

test('GT7: whoever is being let in while their right goes does not get in, and nobody else is sent away', async () => {
  const person = await addPerson(ask, project, 'Lou', 'editor')
  const document = await addDocument(ask, project, 'ours')
  const unlock = await lockDocument(address, document)
  const leaves = new RawClient(nodes[0].url)
  const stays = new RawClient(nodes[0].url)
  for (const [client, token] of [
    [leaves, person.token],
    [stays, ana.token],
  ] as const) {
    await client.connected()
    client.auth(document, token)
    await client.until(({ kind }) => kind === 'authenticated')
  }
  await ask('delete from workspace_member where user_id = $1', [person.userId])
  await untilCut([leaves])
  expect(isUntouched(stays)).toBe(true)
  await unlock()
  stays.step1(document, new Y.Doc())
  await stays.until(({ kind }) => kind === 'step2')
  expect(leaves.kinds()).not.toContain('step2')
  stays.destroy()
})

test('GT7: what was announced while nobody could hear it is found when the connection is back', async () => {
  const person = await addPerson(ask, project, 'Pia', 'editor')
  const document = await addDocument(ask, project)
  const theirs = await attach(document, [person.token, person.token])
  const others = await attach(document, [ana.token, ana.token])
  // In one statement: no listener is left when the change is committed.
  await ask(
    `with killed as materialized (
       select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and query ilike 'listen%'
     )
     update workspace_member set role = 'viewer' where user_id = $1 and (select count(*) from killed) > 0`,
    [person.userId],
  )
  await untilCut(theirs)
  expect(others.every(isUntouched)).toBe(true)
  for (const client of others) client.destroy()
})

test('GT7: and by looking now and then, whatever became of the connection', async () => {
  const deaf = await startCollab({ ...database, listen: async () => () => {} }, { times: { recheckMs: 50 } })
  const person = await addPerson(ask, project, 'Deb', 'editor')
  const document = await addDocument(ask, project)
  const [stays, leaves] = [open(deaf.url, document, ana.token), await RawClient.open(deaf.url, document, person.token)]
  await untilSaved(stays)
  await ask('update api_token set revoked_at = now() where user_id = $1', [person.userId])
  await untilCut([leaves])
  stays.text.insert(0, 'x')
  await untilSaved(stays)
  stays.destroy()
  expect((await deaf.metrics.render()).text).toContain('skein_collab_access_cuts_total{why="found"} 1')
  await deaf.stop()
})
