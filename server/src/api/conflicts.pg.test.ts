/** Conflicts over HTTP: who sees them, who decides, and what is told. */
import { createHash } from 'node:crypto'
import { conflictQueries } from '@skein/db'
import type { DocumentId, FileId, Oid } from '@skein/protocol'
import { afterAll, expect, test } from 'vitest'
import { createProjectWorld } from './testing/project-world.ts'

const world = await createProjectWorld()
const ana = await world.owner('Ana')
const remote = { oid: '1'.repeat(40) as Oid, authorName: 'Mei', at: new Date(0) }
const { id: projectId, workspaceId } = { id: ana.project.id, workspaceId: ana.workspace.id }
afterAll(() => {
  world.events.stop()
  expect(world.faults()).toEqual([])
})

const member = async (name: string, role: string) => {
  const { token } = (await ana.browser.post(`/api/v1/workspaces/${workspaceId}/invitations`, { role })).body
  const person = await world.person(name)
  await person.browser.post(`/api/v1/invitations/${token}/accept`)
  return person
}
const ben = await member('Ben', 'editor')
const viewer = await member('Vic', 'viewer')

const insert = (conflict: Partial<conflictQueries.NewConflict>): Promise<string> =>
  world.db.inWorkspace(workspaceId, (tx) =>
    conflictQueries.insertConflict(
      tx,
      { projectId, workspaceId },
      {
        ...{ kind: 'lines', what: 'lines', path: 'notes.md', fileId: null, documentId: null, pullId: null, line: 2 },
        ...{ contextBefore: '', contextAfter: '', base: { text: 'two\n' }, ours: { text: 'our two\n' } },
        ...{ theirs: { text: 'their two\n' }, anchors: null, oursBy: [`person:${ben.userId}` as never], remote },
        ...conflict,
      },
    ),
  )

/** A text with a conflict on its second line. */
const inConflict = async (path: string) => {
  const { body } = await ana.call('POST', '/files', { path, content: 'one\nour two\nthree\n' })
  const documentId = body.documentId as DocumentId
  const found = await world.documents.read([documentId])
  const { revision = '' as never, text = '' } = found.get(documentId) ?? {}
  const marked = await world.documents.write({
    document: documentId,
    writer: { actor: 'skein', run: 'pull' } as never,
    read: revision,
    wanted: { text },
    marks: [{ from: 4, to: 12 }],
    waitMs: 0,
    isRetry: false,
    checkRight: async () => {},
  })
  const [anchors = null] = marked.outcome === 'written' ? (marked.marks ?? []) : []
  const id = await insert({ path, fileId: body.id as FileId, documentId, anchors })
  return { id, path, url: `/github/conflicts/${id}` }
}

const textOf = async (path: string) => (await ana.call('GET', `/content/${path}`)).body.text

test('CF12: a list holds what is open, oldest first and page by page; one alone has its place and what stands there', async () => {
  const [first, second] = [await inConflict('first.md'), await inConflict('second.md')]
  const page = (await ana.call('GET', '/github/conflicts?limit=1')).body
  expect(page).toMatchObject({ items: [{ id: first.id, line: 2, present: null }], nextCursor: expect.any(String) })
  const next = (await ana.call('GET', `/github/conflicts?limit=1&cursor=${page.nextCursor}`)).body
  expect(next.items).toMatchObject([{ id: second.id }])
  await ana.call('POST', '/content/first.md', { edits: [{ oldText: 'one', newText: 'zero\none' }] })
  const { status, body } = await ana.call('GET', first.url)
  expect(status).toBe(200)
  const none = { path: null, mode: null, oid: null }
  expect(body).toMatchObject({
    ...{ id: first.id, kind: 'lines', what: 'lines', path: 'first.md', line: 3, present: 'our two\n', state: 'open' },
    base: { ...none, text: 'two\n', bytes: 4 },
    ours: { ...none, text: 'our two\n', bytes: 8 },
    theirs: { ...none, text: 'their two\n', bytes: 10 },
    oursBy: [{ id: ben.userId, name: 'Ben' }],
    remote: { oid: remote.oid, authorName: 'Mei', at: '1970-01-01T00:00:00.000Z' },
    ...{ choice: null, resolvedBy: null, resolvedAt: null },
  })
})

test('CF12: an editor uses and decides; a viewer sees; both are told so in words', async () => {
  const { url, path } = await inConflict('decide.md')
  const vic = (method: string, at: string, body?: unknown) => viewer.browser.request(method, `${ana.base}${at}`, body)
  const asBen = (at: string, body: unknown) => ben.browser.request('POST', `${ana.base}${at}`, body)
  expect((await vic('GET', url)).status).toBe(200)
  for (const at of ['/use', '/resolve']) {
    expect((await vic('POST', `${url}${at}`, { choice: 'theirs' })).body.error.code).toBe('forbidden')
  }
  expect((await asBen('/github/conflicts/resolve-all', { choice: 'theirs' })).body.error.code).toBe('forbidden')
  const used = await asBen(`${url}/use`, { choice: 'theirs' })
  expect(used).toMatchObject({ status: 200, body: { state: 'open', present: 'their two\n' } })
  expect(await textOf(path)).toBe('one\ntheir two\nthree\n')
  const resolved = await asBen(`${url}/resolve`, { choice: 'both' })
  const by = { id: ben.userId, name: 'Ben' }
  expect(resolved).toMatchObject({
    status: 200,
    body: { state: 'resolved', choice: 'both', resolvedBy: by, present: null },
  })
  expect(await textOf(path)).toBe('one\nour two\ntheir two\nthree\n')
  const again = await ana.call('POST', `${url}/resolve`, { choice: 'ours' })
  expect(again).toMatchObject({
    status: 409,
    body: {
      error: { code: 'conflict-decided', message: 'Ben has decided about this already, for both.', details: { by } },
    },
  })
  expect((await ana.call('GET', '/github/conflicts?state=resolved')).body.items).toMatchObject([
    { path, choice: 'both' },
  ])
})

test('CF12: what is no choice, and what never was, is refused', async () => {
  const { url } = await inConflict('odd.md')
  expect((await ana.call('POST', `${url}/use`, { choice: 'current' })).status).toBe(400)
  expect((await ana.call('POST', `${url}/resolve`, { choice: 'mine' })).status).toBe(400)
  const never = '/github/conflicts/00000000-0000-7000-8000-000000000000'
  expect((await ana.call('GET', never)).status).toBe(404)
  expect((await ana.call('POST', `${never}/resolve`, { choice: 'ours' })).status).toBe(404)
})

test('CF12: a place that is gone is told, and the text can be left as it is', async () => {
  const { body } = await ana.call('POST', '/files', { path: 'gone.md', content: 'one\n' })
  const id = await insert({ path: 'gone.md', fileId: body.id, documentId: body.documentId })
  expect((await ana.call('GET', `/github/conflicts/${id}`)).body).toMatchObject({ line: null, present: null })
  const refused = await ana.call('POST', `/github/conflicts/${id}/resolve`, { choice: 'theirs' })
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'conflict-moved' } } })
  expect((await ana.call('POST', `/github/conflicts/${id}/resolve`, { choice: 'current' })).status).toBe(200)
})

test('CF12: a file is shown with its texts, of which a list leaves out the long ones', async () => {
  const content = 'x'.repeat(20_000)
  const oid = createHash('sha1').update('theirs').digest('hex') as Oid
  world.committed.set(oid, new TextEncoder().encode('theirs\n'))
  const { body } = await ana.call('POST', '/files', { path: 'type.md', content: 'live\n' })
  const side = { text: null, path: 'type.md', mode: '100644' }
  const id = await insert({
    ...{ kind: 'file', what: 'both-type', path: 'type.md', fileId: body.id, line: null },
    ...{ base: null, ours: { ...side, oid: '2'.repeat(40) as Oid }, theirs: { ...side, oid } },
  })
  expect((await ana.call('GET', `/github/conflicts/${id}`)).body).toMatchObject({
    kind: 'file',
    base: null,
    ours: { text: 'live\n', bytes: 5, path: 'type.md' },
    theirs: { text: 'theirs\n', bytes: 7, mode: '100644', oid },
  })
  const long = await insert({ ours: { text: content } })
  const { items } = (await ana.call('GET', '/github/conflicts?limit=200')).body
  expect(items.find((item: { id: string }) => item.id === long).ours.text).toBeNull()
  expect((await ana.call('GET', `/github/conflicts/${long}`)).body.ours.text).toBe(content)
})

test('CF12: an admin decides about all at once; what does not have this choice stays open', async () => {
  const { path } = await inConflict('all.md')
  const { body } = await ana.call('POST', '/github/conflicts/resolve-all', { choice: 'theirs' })
  expect(body.resolved).toBeGreaterThanOrEqual(4)
  // The one whose place nobody knows.
  expect(body.open).toBe(1)
  expect(await textOf(path)).toBe('one\ntheir two\nthree\n')
  expect((await ana.call('POST', '/github/conflicts/resolve-all', { choice: 'current' })).body).toEqual({
    resolved: 1,
    open: 0,
  })
})
