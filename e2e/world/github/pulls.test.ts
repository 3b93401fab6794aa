import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { everyPermission, type Place, type Visitor, visitGithub } from './visitor.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let visitor: Visitor
beforeAll(async () => {
  visitor = await visitGithub()
})
afterAll(() => visitor.end())

/** A repository with two commits on `work`, by two people, and a pull request of it. */
async function openPull() {
  const place = await visitor.makePlace({}, everyPermission)
  const { github } = visitor
  const id = place.repositoryId
  const base = (await github.readRef(id, 'refs/heads/main')) ?? ''
  const [ana, ben] = [
    { name: 'Ana', email: 'ana@example.org' },
    { name: 'Ben', email: 'ben@example.org' },
  ]
  await github.commit(id, { branch: 'work', onTop: base, files: [{ path: 'b.txt', content: 'b' }], author: ana })
  const head = await github.commit(id, { branch: 'work', files: [{ path: 'c.txt', content: 'c' }], author: ben })
  const token = await visitor.mintToken(place, everyPermission)
  const request = { title: 'Two files', body: 'By two.', head: 'work', base: 'main' }
  const made = await visitor.api('POST', `/repos/${place.name}/pulls`, token, request)
  expect(made.status).toBe(201)
  return { place, id, token, base, head }
}

async function read(place: Place, token: string, rest = '/1') {
  return JSON.parse((await visitor.api('GET', `/repos/${place.name}/pulls${rest}`, token)).text)
}

describe('a pull request over REST', () => {
  test('has the fields of GitHub, and says whether it can be merged when asked again', async () => {
    const { place, token, base, head } = await openPull()
    expect(await read(place, token)).toMatchObject({
      number: 1,
      state: 'open',
      title: 'Two files',
      body: 'By two.',
      merged: false,
      merged_at: null,
      merge_commit_sha: null,
      mergeable: null,
      head: { ref: 'work', sha: head, label: 'acme:work' },
      base: { ref: 'main', sha: base },
      html_url: `${visitor.github.url}/${place.name}/pull/1`,
      user: { login: 'skein-test[bot]', type: 'Bot' },
    })
    await expect.poll(async () => (await read(place, token)).mergeable).toBe(true)
  })

  test('is found by its head with the owner; a head without one is no filter', async () => {
    const { place, token } = await openPull()
    expect(await read(place, token, '?head=acme:work&base=main')).toHaveLength(1)
    expect(await read(place, token, '?head=acme:other')).toHaveLength(0)
    expect(await read(place, token, '?head=other')).toHaveLength(1)
    expect(await read(place, token, '?state=closed')).toHaveLength(0)
  })

  test('gets another title and body, is closed and opened again', async () => {
    const { place, token } = await openPull()
    const change = async (body: unknown) =>
      JSON.parse((await visitor.api('PATCH', `/repos/${place.name}/pulls/1`, token, body)).text)
    expect(await change({ title: 'Other', body: 'New' })).toMatchObject({ title: 'Other', body: 'New', state: 'open' })
    expect(await change({ state: 'closed' })).toMatchObject({ state: 'closed', merged: false })
    expect(await change({ state: 'open' })).toMatchObject({ state: 'open', closed_at: null })
  })

  test('a call under a former name is sent on to the number', async () => {
    const { place, token } = await openPull()
    await visitor.github.changeRepository(place.repositoryId, { name: `renamed-${place.repositoryId}` })
    const seen = await visitor.api('GET', `/repos/${place.name}/pulls/1`, token)
    expect(seen.status).toBe(301)
    const location = new URL(seen.headers?.get('location') ?? '').pathname.replace('/api/v3', '')
    expect((await visitor.api('GET', location, token)).status).toBe(200)
    expect((await visitor.api('PATCH', `/repos/${place.name}/pulls/1`, token, {})).status).toBe(307)
  })
})

describe('what happens to a pull request', () => {
  test('a push to its head updates it, and its head is advertised', async () => {
    const { place, token } = await openPull()
    const directory = await visitor.clone(place, token)
    await visitor.git(directory, 'switch', '-q', 'work')
    await visitor.git(directory, 'commit', '-q', '--allow-empty', '-m', 'more')
    await visitor.git(directory, 'push', 'origin', 'work')
    const oid = await visitor.git(directory, 'rev-parse', 'HEAD')
    expect((await read(place, token)).head.sha).toBe(oid)
    expect(await visitor.git(directory, 'ls-remote', 'origin', 'refs/pull/1/head')).toContain(oid)
  })

  test('a merge has both parents', async () => {
    const { place, id, token, base, head } = await openPull()
    await visitor.github.mergePull(id, 1)
    const pull = await read(place, token)
    expect(pull).toMatchObject({ state: 'closed', merged: true, merged_at: expect.any(String) })
    expect(await visitor.github.readRef(id, 'refs/heads/main')).toBe(pull.merge_commit_sha)
    expect(await visitor.github.git(id, 'show', '-s', '--format=%P', 'main')).toBe(`${base} ${head}`)
  })

  test('a squash has one parent, everything in it and every author', async () => {
    const { id, base } = await openPull()
    await visitor.github.mergePull(id, 1, { method: 'squash', deleteHead: true })
    expect(await visitor.github.git(id, 'show', '-s', '--format=%P %s', 'main')).toBe(`${base} Two files (#1)`)
    expect(await visitor.github.git(id, 'show', '-s', '--format=%B', 'main')).toContain('Co-authored-by: Ben <ben@')
    expect(await visitor.github.git(id, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\nc.txt')
    expect(Object.keys(await visitor.github.readBranches(id))).toEqual(['main'])
  })

  test('a rebase makes every commit anew on top of what came meanwhile', async () => {
    const { id, head } = await openPull()
    const theirs = await visitor.github.commit(id, { files: [{ path: 'd.txt', content: 'd' }] })
    await visitor.github.mergePull(id, 1, { method: 'rebase' })
    expect(await visitor.github.git(id, 'log', '--format=%an', `${theirs}..main`)).toBe('Ben\nAna')
    expect(await visitor.github.git(id, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\nc.txt\nd.txt')
    await expect(visitor.github.git(id, 'merge-base', '--is-ancestor', head, 'main')).rejects.toThrow()
  })

  test('one that conflicts is not merged', async () => {
    const { place, id, token } = await openPull()
    await visitor.github.commit(id, { files: [{ path: 'b.txt', content: 'other' }] })
    await read(place, token)
    await expect.poll(async () => (await read(place, token)).mergeable).toBe(false)
    await expect(visitor.github.mergePull(id, 1)).rejects.toThrow('conflicts')
  })

  test('a deleted head closes it, a renamed head too, and a renamed base is followed', async () => {
    const deleted = await openPull()
    await visitor.github.deleteBranch(deleted.id, 'work')
    expect(await read(deleted.place, deleted.token)).toMatchObject({ state: 'closed', merged: false })
    const renamed = await openPull()
    await visitor.github.renameBranch(renamed.id, 'main', 'trunk')
    expect(await read(renamed.place, renamed.token)).toMatchObject({ state: 'open', base: { ref: 'trunk' } })
    await visitor.github.renameBranch(renamed.id, 'work', 'other')
    expect(await read(renamed.place, renamed.token)).toMatchObject({ state: 'closed', merged: false })
  })

  test('a base that is pushed up to the head counts as merged', async () => {
    const { place, token, head } = await openPull()
    const directory = await visitor.clone(place, token)
    await visitor.git(directory, 'push', 'origin', 'origin/work:refs/heads/main')
    expect(await read(place, token)).toMatchObject({ state: 'closed', merged: true, merge_commit_sha: head })
  })
})
