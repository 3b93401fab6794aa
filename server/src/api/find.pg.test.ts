/** Find in project over real live documents: what is open, what is closed, and what was typed a moment ago. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDatabase } from '@skein/db/testing'
import type { FindAnswer, FindQuery } from '@skein/protocol'
import { FindQuery as FindQuerySchema } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { createSearchThreads } from '../adapters/search/search-threads.ts'
import { openDocument, untilSaved } from '../collab/testing/client.ts'
import { startCollab } from '../collab/testing/server.ts'
import { findInProject } from '../commands/find/find-in-project.ts'
import type { LiveDocuments } from '../commands/live-documents.ts'
import { createApiDoor } from '../services/api.ts'
import { buildProjectWorld } from './testing/project-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const documents = collab.collab.liveDocuments
const world = await buildProjectWorld(database, { documents })
const ana = await world.owner('Ana')
const { token } = await world.program(ana.browser)
const key = { projectId: ana.project.id, workspaceId: ana.workspace.id }
const searchers = createSearchThreads()
afterAll(async () => {
  world.events.stop()
  await collab.stop()
  expect(world.faults()).toEqual([])
})

const make = async (path: string, content: string): Promise<{ id: string; documentId: string }> =>
  (await ana.call('POST', '/files', { path, content })).body
/** Closed files by the hundred, as an import leaves them. */
const makeMany = (texts: Record<string, string>): Promise<unknown> =>
  database.ask(
    `with row as (select p, t, gen_random_uuid() as d, gen_random_uuid() as f from unnest($3::text[], $4::text[]) as r (p, t)),
       f as (insert into file (id, workspace_id, project_id, path, path_key, kind, bytes, document_id, eol, created_by, changed_by)
             select f, $1, $2, p, p, 'text', length(t), d, 'lf', 'skein', 'skein' from row),
       d as (insert into document (id, workspace_id, project_id, file_id) select d, $1, $2, f from row)
     insert into document_state (document_id, workspace_id, text) select d, $1, t from row`,
    [key.workspaceId, key.projectId, Object.keys(texts), Object.values(texts)],
  )
const numbered = (count: number, toEntry: (n: number) => [string, string]): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => toEntry(n)))
const ask = (query: string, more: Partial<FindQuery> = {}) => ana.call('POST', '/find', { query, ...more })
const find = async (query: string, more: Partial<FindQuery> = {}): Promise<FindAnswer> => {
  const { status, body } = await ask(query, more)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}
const paths = async (query: string, more: Partial<FindQuery> = {}): Promise<string[]> =>
  (await find(query, more)).items.map(({ path }) => path)

describe('the texts that are searched', () => {
  test('are closed ones, open ones, and what was typed a moment ago', async () => {
    const [open, closed] = [await make('live/open.md', 'heron\n'), await make('live/closed.md', 'A heron\n')]
    const page = openDocument({ url: collab.url, token, document: open.documentId as never })
    await untilSaved(page)
    page.text.insert(6, 'barnacle goose 🦢 heron')
    await untilSaved(page)
    const answer = await find('heron', { include: ['live/'] })
    expect(answer).toMatchObject({ ended: 'complete', filesSearched: 2 })
    expect(answer.items).toMatchObject([
      { path: 'live/closed.md', fileId: closed.id, documentId: closed.documentId, matches: [{ line: 1, column: 3 }] },
      {
        path: 'live/open.md',
        matches: [
          { at: 0, line: 1, column: 1 },
          { at: 24, line: 2, column: 19, before: 'barnacle goose 🦢 ', text: 'heron', after: '' },
        ],
      },
    ])
    // The revision is that of the text that was searched.
    expect(answer.items[1]?.revision).toBe((await ana.call('GET', '/content/live/open.md')).body.revision)
    expect(await paths('barnacle')).toEqual(['live/open.md'])

    page.text.delete(0, page.text.length)
    await untilSaved(page)
    page.destroy()
    expect(await paths('heron', { include: ['live/'] })).toEqual(['live/closed.md'])
  })

  test('are not in the trash, and not of a file that is no text', async () => {
    const gone = await make('live/gone.md', 'curlew')
    expect(await paths('curlew')).toEqual(['live/gone.md'])
    await ana.call('DELETE', `/files/${gone.id}`)
    expect(await paths('curlew')).toEqual([])
  })

  test('are only those that may match, and few at a time', async () => {
    await makeMany(numbered(200, (n) => [`many/${n}.txt`, n % 50 ? 'x' : 'tern']))
    const reads: number[] = []
    const counted: Pick<LiveDocuments, 'read'> = {
      read: (ids) => {
        reads.push(ids.length)
        return documents.read(ids)
      },
    }
    const search = (query: object) =>
      findInProject(
        { db: database.database, documents: counted, searchers },
        key,
        FindQuerySchema.parse({ include: ['many/'], ...query }),
        '',
        AbortSignal.timeout(60_000),
      )
    expect(await search({ query: 'TERN' })).toMatchObject({ filesSearched: 200, items: { length: 4 } })
    expect(reads).toEqual([4])
    reads.length = 0
    await search({ query: 't[a-z][r][n]', regex: true })
    expect(reads.reduce((sum, count) => sum + count)).toBe(200)
    expect(Math.max(...reads)).toBeLessThanOrEqual(64)
    reads.length = 0
    await search({ query: 't.?ern', regex: true })
    expect(reads).toEqual([4])
  })
})

describe('what is looked for', () => {
  test('in any case of Unicode, exactly, as a word, as an expression', async () => {
    await make('words/a.txt', 'Σίσυφος tide Tidebook')
    await make('words/b.txt', 'σίσυφοσ TIDE 100%_\\')
    const terms = { include: ['words'] }
    expect(await paths('ΣΊΣΥΦΟΣ', terms)).toEqual(['words/a.txt', 'words/b.txt'])
    expect(await paths('tide', { ...terms, caseSensitive: true })).toEqual(['words/a.txt'])
    expect((await find('tide', { ...terms, wholeWord: true })).items.map(({ matches }) => matches.length)).toEqual([
      1, 1,
    ])
    expect(await paths('100%_\\', terms)).toEqual(['words/b.txt'])
    expect(await paths('^\\p{Greek}+ (?:tide|ebb)', { ...terms, regex: true })).toEqual(['words/a.txt', 'words/b.txt'])
    // The Kelvin sign is a k to RE2, and to the database that sorts texts out.
    await make('words/c.txt', '20 \u212A')
    expect(await paths('20 k', { ...terms, regex: true })).toEqual(['words/c.txt'])
  })

  test('in paths that are named, without those that are left out', async () => {
    for (const path of ['globs/a.md', 'globs/deep/b.md', 'globs/deep/c.ts', 'globs/[x].md']) await make(path, 'plover')
    expect(await paths('plover', { include: ['*.md'] })).toEqual(['globs/[x].md', 'globs/a.md', 'globs/deep/b.md'])
    expect(await paths('plover', { include: ['*.md'], exclude: ['deep/'] })).toEqual(['globs/[x].md', 'globs/a.md'])
    expect(await paths('plover', { include: ['globs/**/*.{ts,js}'] })).toEqual(['globs/deep/c.ts'])
    expect(await paths('plover', { include: ['\\[x].md'] })).toEqual(['globs/[x].md'])
    expect(await ask('plover', { include: ['[a'] })).toMatchObject({
      status: 400,
      body: { error: { message: 'The path pattern “[a” has a “[” that is not closed.', details: { position: 0 } } },
    })
  })

  test('is refused in words when it cannot be read', async () => {
    expect(await ask('a(b', { regex: true })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid-expression', details: { position: 3 } } },
    })
    expect(await ask('')).toMatchObject({ status: 400, body: { error: { code: 'invalid-request' } } })
    expect(await ask('a\0b')).toMatchObject({ status: 400 })
    expect(await ask('x', { cursor: 'nonsense' })).toMatchObject({ status: 400 })
  })
})

describe('an answer', () => {
  test('ends after so many files, and the next goes on from there', async () => {
    const all = await Promise.all(
      ['é', 'Z', 'a', 'b/c', 'C'].map((name) => make(`pages/${name}`, 'dunlin\n'.repeat(3))),
    )
    const found: string[] = []
    let cursor: string | undefined
    let rounds = 0
    do {
      const page = await find('dunlin', { include: ['pages'], limit: 2, matchesPerFile: 2, ...(cursor && { cursor }) })
      found.push(...page.items.map(({ path }) => path))
      expect(page.items.every(({ matches, hasMore }) => matches.length === 2 && hasMore)).toBe(true)
      expect(page.ended).toBe(page.nextCursor ? 'limit' : 'complete')
      cursor = page.nextCursor
    } while (cursor && ++rounds < all.length)
    expect(found).toEqual(['pages/C', 'pages/Z', 'pages/a', 'pages/b/c', 'pages/é'])
  })

  test('comes in time with what was found, and ends with whoever asked', async () => {
    await makeMany(numbered(130, (n) => [`slow/${100 + n}.txt`, 'knot']))
    let isSlow = true
    const slow: Pick<LiveDocuments, 'read'> = {
      read: async (ids) => {
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 150))
        return documents.read(ids)
      },
    }
    const deps = { db: database.database, documents: slow, searchers }
    const query = FindQuerySchema.parse({ query: 'knot', include: ['slow/'], limit: 200, withinMs: 100 })
    const never = new AbortController()
    const first = await findInProject(deps, key, query, '', never.signal)
    expect(first).toMatchObject({ ended: 'time', filesSearched: 64, items: { length: 64 }, last: 'slow/163.txt' })
    isSlow = false
    const rest = await findInProject(deps, key, { ...query, withinMs: 10_000 }, first.last, never.signal)
    expect(rest).toMatchObject({ ended: 'complete', items: { length: 66 } })

    const gone = new AbortController()
    const searching = findInProject(deps, key, { ...query, withinMs: 10_000 }, '', gone.signal)
    gone.abort(new Error('went away'))
    await expect(searching).rejects.toThrow('went away')
    expect(await paths('knot', { include: ['slow/100.txt'] })).toEqual(['slow/100.txt'])
  })

  test('is not worked on any more when the client has gone', async () => {
    const door = createApiDoor(world.app)
    const http = createServer((request, response) => void door.handle(request, response))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    // As slow as RE2 gets: a thousand characters to look ahead in a text without order.
    const order = Array.from({ length: 500_000 }, (_, index) => 'ab'[((index * 2654435761) >>> 16) & 1]).join('')
    await make('endless.txt', `${order} c`)
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}${ana.base}/find`
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ query: 'a[ab]{990}c', regex: true, include: ['endless.txt'] })
    for (let n = 0; n < 3; n++) {
      await expect(fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(200) })).rejects.toThrow()
    }
    expect(await paths(' c', { include: ['endless.txt'] })).toEqual(['endless.txt'])
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })

  test('is for whoever may read the project', async () => {
    const stranger = await world.owner('Ben')
    expect(await stranger.browser.request('POST', `${ana.base}/find`, { query: 'x' })).toMatchObject({ status: 404 })
  })
})
