/**
 * The API with the real live documents and the real Git store: what it writes is on open pages, in commits, and in
 * clones.
 */
import path from 'node:path'
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { PostgresGitStore } from '../adapters/git/postgres-git-store.ts'
import { openDocument, until, untilSaved } from '../collab/testing/client.ts'
import { startCollab } from '../collab/testing/server.ts'
import { createTestFolder, git as runGit, testSearchPath } from '../testing/world.ts'
import { buildProjectWorld } from './testing/project-world.ts'

const database = await createTestDatabase()
const folder = await createTestFolder()
const collab = await startCollab(database.database)
const git = new PostgresGitStore({
  database: database.database,
  cacheDir: path.join(folder, 'repositories'),
  searchPath: testSearchPath,
})
const world = await buildProjectWorld(database, { documents: collab.collab.liveDocuments, git })
const ana = await world.owner('Ana')
const { token } = await world.program(ana.browser)
afterAll(async () => {
  world.events.stop()
  await collab.stop()
  expect(world.faults()).toEqual([])
})

const raw = async (method: string, name: string, body?: Uint8Array): Promise<{ status: number; bytes: Uint8Array }> => {
  const answer = await world.app.request(`${ana.base}/raw/${name}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    ...(body && { body: body as Uint8Array<ArrayBuffer> }),
  })
  return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) }
}

describe('an open page', () => {
  test('FT9: sees what the API writes at once, keeps what is typed, and merges a writer who has not read it', async () => {
    const [file] = await ana.make('shared.md')
    const page = openDocument({ url: collab.url, token, document: file.documentId })
    await untilSaved(page)
    expect(page.text.toString()).toBe('shared.md')
    const read = await ana.call('GET', '/content/shared.md')
    const written = await ana.call(
      'PUT',
      '/content/shared.md',
      { text: 'shared.md\nfrom the API\n' },
      { 'if-match': read.headers.get('etag') as string },
    )
    expect(written.status).toBe(200)
    await until(() => page.text.toString() === 'shared.md\nfrom the API\n', 'the page sees the edit')

    page.text.insert(0, 'typed: ')
    await untilSaved(page)
    const stale = await ana.call(
      'PUT',
      '/content/shared.md',
      { text: 'shared.md\nfrom a program\n' },
      { 'if-match': written.body.revision },
    )
    expect(stale).toMatchObject({
      status: 200,
      body: { text: 'typed: shared.md\nfrom a program\n', hunks: [{ outcome: 'rebased', line: 2 }] },
    })
    const { body } = await ana.call('POST', '/batch-read', { paths: ['shared.md'] })
    expect(body.files).toEqual([
      { path: 'shared.md', revision: stale.body.revision, text: 'typed: shared.md\nfrom a program\n' },
    ])

    expect((await raw('PUT', 'shared.md', Buffer.from('typed: shared.md\r\nfrom an upload\r\n'))).status).toBe(200)
    await until(() => page.text.toString() === 'typed: shared.md\nfrom an upload\n', 'the page sees the upload')
    page.destroy()
  })

  test('FT5: goes on when its file is renamed, and its late edits stay when it is deleted', async () => {
    const [file] = await ana.make('late.md')
    const page = openDocument({ url: collab.url, token, document: file.documentId })
    await untilSaved(page)
    await ana.call('PATCH', `/files/${file.id}`, { path: 'later.md' })
    await ana.call('DELETE', `/files/${file.id}`)
    page.text.insert(0, 'still typing in ')
    await untilSaved(page)
    expect((await ana.call('POST', `/trash/${file.id}/restore`)).body.path).toBe('later.md')
    expect((await ana.call('GET', '/content/later.md')).body.text).toBe('still typing in late.md')
    page.destroy()
  })
})

describe('commits', () => {
  test('hold what the files hold; nothing changed is null; a commit says what it changed', async () => {
    const cy = await world.owner('Cy')
    const [file] = await cy.make('a.md', 'dir/b.md')
    const first = await cy.call('POST', '/snapshots')
    expect(first.body).toMatchObject({
      parents: [],
      message: 'Add 2 files',
      author: { name: 'Cy', userId: cy.userId },
      kind: 'snapshot',
    })
    expect(await cy.call('POST', '/snapshots', {})).toMatchObject({ status: 200, body: null })

    await cy.call('PATCH', `/files/${file.id}`, { path: 'c.md', executable: true })
    const { body: b } = await cy.call('GET', '/content/dir/b.md')
    await cy.call('PUT', '/content/dir/b.md', { text: 'changed\n' }, { 'if-match': b.revision })
    const second = await cy.call('POST', '/snapshots', { message: 'By hand' })
    expect(second.body).toMatchObject({ parents: [first.body.oid], message: 'By hand' })

    const list = await cy.call('GET', '/commits?limit=1')
    expect(list.body.items).toEqual([second.body])
    expect((await cy.call('GET', `/commits?limit=1&cursor=${list.body.nextCursor}`)).body).toEqual({
      items: [first.body],
    })
    expect((await cy.call('GET', `/commits/${second.body.oid}`)).body).toEqual({
      ...second.body,
      isComplete: true,
      files: [
        { path: 'a.md', change: 'deleted' },
        { path: 'c.md', change: 'added' },
        { path: 'dir/b.md', change: 'modified' },
      ],
    })
    expect((await cy.call('GET', `/commits/${'0'.repeat(40)}`)).status).toBe(404)
    expect((await cy.call('GET', '/commits/HEAD')).status).toBe(400)
    const { body: status } = await cy.call('GET', '/status')
    expect(status).toMatchObject({
      head: { oid: second.body.oid, authorName: 'Cy' },
      changedFiles: { count: 0, paths: [] },
    })
    expect((await cy.call('GET', '')).body.lastCommit).toMatchObject({ oid: second.body.oid })
  })

  test('FT5: a binary file that only Git holds comes back from the trash as it was', async () => {
    const picture = Uint8Array.from({ length: 2_000 }, (_, n) => n % 251)
    await raw('PUT', 'picture.bin', picture)
    await ana.call('POST', '/files', { path: 'link', kind: 'symlink', content: 'picture.bin' })
    await ana.call('POST', '/snapshots')
    expect((await raw('GET', 'picture.bin')).bytes).toEqual(picture)
    const { body } = await ana.call('GET', '/files')
    const ids = ['picture.bin', 'link'].map((name) => body.items.find(({ path }: { path: string }) => path === name).id)
    for (const id of ids) await ana.call('DELETE', `/files/${id}`)
    const without = await ana.call('POST', '/snapshots')
    for (const id of ids) expect((await ana.call('POST', `/trash/${id}/restore`)).status).toBe(200)
    expect((await raw('GET', 'picture.bin')).bytes).toEqual(picture)
    const again = await ana.call('POST', '/snapshots')
    expect((await ana.call('GET', `/commits/${again.body.oid}`)).body.files).toEqual([
      { path: 'link', change: 'added' },
      { path: 'picture.bin', change: 'added' },
    ])
    const repository = { projectId: ana.project.id, workspaceId: ana.workspace.id }
    await git.withDirectory(repository, async (directory) => {
      expect(await runGit(directory, 'fsck', '--strict')).toBe('')
      expect(await runGit(directory, 'rev-parse', `${again.body.oid}^`)).toBe(without.body.oid)
      expect(await runGit(directory, 'cat-file', 'blob', `${again.body.oid}:link`)).toBe('picture.bin')
    })
  })
})
