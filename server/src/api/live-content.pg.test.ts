/** The API and the real live documents, under many writers at once: nobody's typing is lost, and whoever came too late is listed. */
import { createTestDatabase } from '@skein/db/testing'
import type { HunkOutcome, Suggestion } from '@skein/protocol'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { openDocument, type TestClient, until, untilSaved } from '../collab/testing/client.ts'
import { HeldCommits } from '../collab/testing/held-commits.ts'
import { startCollab } from '../collab/testing/server.ts'
import { readTruth } from '../collab/testing/truth.ts'
import { buildProjectWorld } from './testing/project-world.ts'

const database = await createTestDatabase()
const commits = new HeldCommits()
const collab = await startCollab(database.database, { beforeCommit: commits.beforeCommit })
const world = await buildProjectWorld(database, { documents: collab.collab.liveDocuments })
const ana = await world.owner('Ana')
const { token } = await world.program(ana.browser)
afterAll(async () => {
  world.events.stop()
  await collab.stop()
  expect(world.faults()).toEqual([])
})

const make = async (path: string, content: string) => {
  const { body: file } = await ana.call('POST', '/files', { path, content })
  const page = openDocument({ url: collab.url, token, document: file.documentId })
  onTestFinished(() => page.destroy())
  await untilSaved(page)
  const { body } = await ana.call('GET', `/content/${path}`)
  return { page, document: file.documentId, revision: body.revision as string }
}

/** Types characters that nothing else holds, anywhere, until it is told to stop; gives all that was typed. */
const startTyping = (page: TestClient) => {
  let typed = ''
  let next = 0xe000
  const timer = setInterval(() => {
    const character = String.fromCharCode(next++)
    typed += character
    page.text.insert(Math.floor(Math.random() * (page.text.length + 1)), character)
  }, 10)
  return () => {
    clearInterval(timer)
    return typed
  }
}

const listAll = async (document: string): Promise<Suggestion[]> => {
  const items: Suggestion[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const query = `document=${document}&limit=7${cursor && `&cursor=${cursor}`}`
    const { body } = await ana.call('GET', `/suggestions?${query}`)
    items.push(...body.items)
    cursor = body.nextCursor
  }
  return items
}

test('AE4, AE5: twenty stale writes of the whole file at once beside somebody who types: merged or listed, none lost', async () => {
  const lines = Array.from({ length: 400 }, (_, n) => `line ${n} says nothing yet`)
  const { page, document, revision } = await make('crowd.md', `${lines.join('\n')}\n`)
  const stop = startTyping(page)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, writer) => {
      // Everybody has a line of their own, one that all want, and one that they add.
      const mine = lines.map((line, n) => (n === writer * 20 ? `writer ${writer} owns this` : line))
      mine[399] = `writer ${writer} was here`
      mine.splice(writer * 20 + 10, 0, `added by ${writer}`)
      return ana.call('PUT', '/content/crowd.md', { text: `${mine.join('\n')}\n` }, { 'if-match': revision })
    }),
  )
  const typed = stop()
  await untilSaved(page)
  const { text } = await readTruth(database.ask, document)
  expect(typed.length).toBeGreaterThan(5)
  for (const character of typed) expect(text.includes(character), `typed ${character.charCodeAt(0)}`).toBe(true)
  await until(() => page.text.toString() === text, 'the page has the same')

  const listed = await listAll(document)
  const plain = text.replace(/[\ue000-\uf8ff]/g, '')
  let merged = 0
  for (const [writer, { status, body }] of answers.entries()) {
    expect(status).toBe(200)
    for (const hunk of body.hunks as HunkOutcome[]) {
      if (hunk.outcome !== 'review') merged++
      else expect(listed.find(({ id }) => id === hunk.suggestionId)?.newText).toBe(hunk.newText)
    }
    const wanted = [`writer ${writer} owns`, `added by ${writer}`, `writer ${writer} was here`]
    for (const words of wanted) {
      const isListed = listed.some(({ newText }) => words.includes(newText) || newText.includes(words))
      const isPartlyListed = body.hunks.some(({ outcome }: HunkOutcome) => outcome === 'review')
      expect(plain.includes(words) || isListed || isPartlyListed, `${words} is there or listed`).toBe(true)
    }
  }
  expect(merged).toBeGreaterThan(20)
})

test('a suggestion is told over the events of the project, and gone with its file', async () => {
  const { page, document, revision } = await make('told.md', 'a blue car\n')
  page.text.delete(2, 4)
  page.text.insert(2, 'green')
  await untilSaved(page)
  const answer = await ana.call('PUT', '/content/told.md', { text: 'a red car\n' }, { 'if-match': revision })
  expect(answer.body).toMatchObject({ text: 'a green car\n', hunks: [{ outcome: 'review' }] })
  const [event] = await database.ask<{ data: unknown }>(
    `select data from event where project_id = $1 and type = 'suggestions' order by seq desc limit 1`,
    [ana.project.id],
  )
  expect(event?.data).toMatchObject({ documentId: document, added: 1, by: { id: ana.userId, name: 'Ana' } })
  expect(await listAll(document)).toHaveLength(1)
  const { body: files } = await ana.call('GET', '/files')
  const file = files.items.find(({ path }: { path: string }) => path === 'told.md')
  await ana.call('DELETE', `/files/${file.id}`)
  expect(await listAll(document)).toEqual([])
})

test('a file with CRLF takes texts of either kind, and a page sees single line ends', async () => {
  const { page, revision } = await make('crlf.txt', 'one\r\ntwo\r\n')
  expect(page.text.toString()).toBe('one\ntwo\n')
  const put = await ana.call('PUT', '/content/crlf.txt', { text: 'one\r\n2\r\nthree\n' }, { 'if-match': revision })
  expect(put.body).toMatchObject({ text: 'one\n2\nthree\n', hunks: [{ line: 2 }] })
  const edits = [{ oldText: 'one\r\n2', newText: '1\r\n2' }]
  const post = await ana.call('POST', '/content/crlf.txt', { revision: put.body.revision, edits })
  expect(post.body.text).toBe('1\n2\nthree\n')
  const answer = await world.app.request(`${ana.base}/raw/crlf.txt`, { headers: { authorization: `Bearer ${token}` } })
  expect(await answer.text()).toBe('1\r\n2\r\nthree\r\n')
})

test('AE6: whoever is removed while the write is on its way writes nothing', async () => {
  const { page } = await make('removed.md', 'one\n')
  const { token: invitation } = (await ana.browser.post(`/api/v1/workspaces/ana/invitations`, { role: 'editor' })).body
  const eve = await world.person('Eve')
  await eve.browser.post(`/api/v1/invitations/${invitation}/accept`)
  const typing = setInterval(() => page.text.insert(page.text.length - 1, '!'), 50)
  onTestFinished(() => clearInterval(typing))
  const isTyped = async () => (await ana.call('GET', '/content/removed.md')).body.text.includes('!')
  await until(isTyped, 'the server has what somebody types')
  const path = `${ana.base}/content/removed.md`
  const now = (await eve.browser.get(path)).body
  const writing = eve.browser.request('POST', path, {
    revision: now.revision,
    edits: [{ oldText: 'one', newText: 'ONE' }],
    waitMs: 5_000,
  })
  await database.ask('delete from workspace_member where user_id = $1 and workspace_id = $2', [
    eve.userId,
    ana.workspace.id,
  ])
  expect((await writing).status).toBe(404)
  expect((await ana.call('GET', '/content/removed.md')).body.text).not.toContain('ONE')
})
