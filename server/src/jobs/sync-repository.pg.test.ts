import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../testing/world.ts'
import { createSyncWorld, eventually, fullPermissions, type Place } from './testing/sync-world.ts'

const world = await createSyncWorld()
const { deps, faults, github, makePlace, startLoop } = world

const start = { files: [{ path: 'a.txt', content: 'one\ntwo\nthree\n' }] }
/** A repository with a file, pulled into the project, whose commits go to its branch. */
async function makeDirect(settings: object = {}, permissions = fullPermissions): Promise<Place> {
  const place = await makePlace({ ...start, ...settings }, permissions)
  await place.link({ mode: 'direct_commit' })
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  await eventually(place.state).toBe('pushed')
  return place
}

/** Something is wrong on GitHub: people are told, go on, and when it has ended all of it goes there by the clock alone. */
async function expectWayBack(place: Place, code: string, words: string, mend: () => Promise<unknown>): Promise<void> {
  await place.commit(`${code} 1\n`, 'b.txt')
  await place.hint(true)
  await eventually(place.code).toBe(code)
  const status = await place.status()
  expect(status.reason?.message).toContain(words)
  expect(status.reason?.message).toContain('Editing and committing go on')
  expect(status.state).toBe('held')
  const last = await place.commit(`${code} 2\n`, 'b.txt')
  await mend()
  await expect
    .poll(
      async () => {
        await place.poll()
        return place.state()
      },
      { timeout: 40_000 },
    )
    .toBe('pushed')
  expect(await place.remoteHead()).toBe(last)
  expect(await place.notes()).toContainEqual(expect.stringContaining(words))
}

test('GS10: archived and unarchived', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.control('PATCH', '', { archived: true })
  await expectWayBack(place, 'github-archived', 'archived on GitHub', async () => {
    await place.control('PATCH', '', { archived: false })
    await place.hint(true)
  })
})

test('GS10: installation suspended and unsuspended', async () => {
  await startLoop()
  const place = await makeDirect()
  const installation = `installations/${place.repository.installationId}`
  await github.control('PATCH', installation, { suspended: true })
  await expectWayBack(place, 'github-suspended', 'suspended', () =>
    github.control('PATCH', installation, { suspended: false }),
  )
})

test('GS10: repository deselected, and selected again', async () => {
  await startLoop()
  const place = await makeDirect()
  const { installationId, repositoryId } = place.repository
  const installation = `installations/${installationId}`
  await github.control('PATCH', installation, { repositoryIds: [] })
  await expectWayBack(place, 'github-not-found', 'may not see it any more', () =>
    github.control('PATCH', installation, { repositoryIds: [repositoryId] }),
  )
})

test('GS10: transferred to an account without the App, and back', async () => {
  await startLoop()
  const place = await makeDirect()
  const { installationId, repositoryId } = place.repository
  const installation = `installations/${installationId}`
  await place.control('PATCH', '', { owner: 'elsewhere' })
  await github.control('PATCH', installation, { repositoryIds: [] })
  await expectWayBack(place, 'github-not-found', 'may not see it any more', async () => {
    await place.control('PATCH', '', { owner: 'acme' })
    await github.control('PATCH', installation, { repositoryIds: [repositoryId] })
  })
})

test('GS10: permission to write taken away, and given back', async () => {
  await startLoop()
  const place = await makeDirect()
  const installation = `installations/${place.repository.installationId}`
  await github.control('PATCH', installation, { permissions: { contents: 'read', pull_requests: 'write' } })
  await expectWayBack(place, 'github-forbidden', 'permissions', () =>
    github.control('PATCH', installation, { permissions: fullPermissions }),
  )
})

test('GS10: installation removed, repository deleted: each says so, and everything stays here', async () => {
  await startLoop()
  const removed = await makeDirect()
  await github.control('DELETE', `installations/${removed.repository.installationId}`)
  await removed.commit('more\n', 'b.txt')
  await eventually(removed.code).toBe('github-installation-gone')
  const deleted = await makeDirect()
  await deleted.control('DELETE', '')
  await deleted.commit('more\n', 'b.txt')
  await eventually(deleted.code).toBe('github-not-found')
  expect(await deleted.text('a.txt')).toBe('one\ntwo\nthree\n')
  await deleted.expectSound().catch(() => {})
})

test('GS10: a repository that is renamed is followed by its number', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.control('PATCH', '', { name: `new-${place.repository.repositoryId}` })
  const head = await place.commit('more\n', 'b.txt')
  await eventually(() => place.remoteHead()).toBe(head)
  await eventually(async () => (await place.status()).repository?.fullName).toBe(
    `acme/new-${place.repository.repositoryId}`,
  )
  expect(await place.notes()).toContainEqual(expect.stringContaining('is called acme/new-'))
})

test('GS10: made private or public changes nothing', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.control('PATCH', '', { private: true })
  const head = await place.commit('more\n', 'b.txt')
  await eventually(() => place.remoteHead()).toBe(head)
})

test('GS10: the default branch is read, and a named one is used', async () => {
  await startLoop()
  const place = await makePlace({ defaultBranch: 'trunk' })
  const oid = await place.commit('one\n')
  expect((await place.link()).repository?.branch).toBe('trunk')
  await eventually(() => place.remoteHead('trunk')).toBe(oid)
  const other = await makePlace({ defaultBranch: 'trunk' })
  const otherOid = await other.commit('one\n')
  await other.link({ branch: 'from-skein' })
  await eventually(() => other.remoteHead('from-skein')).toBe(otherOid)
})

test('GS10: a default branch that is renamed is followed; one that is deleted is asked about', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.control('POST', 'rename-branch', { from: 'main', to: 'trunk' })
  const head = await place.commit('more\n', 'b.txt')
  await eventually(() => place.remoteHead('trunk')).toBe(head)
  expect((await place.status()).repository?.branch).toBe('trunk')
  expect(await place.notes()).toContainEqual(expect.stringContaining('is called trunk on GitHub now'))
  await place.control('PUT', 'ref', { ref: 'refs/heads/trunk', oid: null })
  await place.hint()
  await eventually(place.code).toBe('branch-deleted')
  const last = await place.commit('even more\n', 'b.txt')
  await place.sync()
  await eventually(() => place.remoteHead('trunk')).toBe(last)
  await eventually(place.state).toBe('pushed')
})

test('GS10: an empty repository takes the first push directly, whatever the mode', async () => {
  await startLoop()
  for (const mode of ['protected_pr', 'hybrid', 'direct_commit'] as const) {
    const place = await makePlace()
    const head = await place.commit('one\n')
    await place.link({ mode })
    await eventually(() => place.remoteHead()).toBe(head)
    await eventually(place.state).toBe('pushed')
    expect(await place.pulls()).toEqual([])
  }
})

test('GS10: unrelated histories are joined', async () => {
  await startLoop()
  const place = await makePlace({ files: [{ path: 'theirs.md', content: 'theirs\n' }] })
  const ours = await place.commit('ours\n')
  const theirs = await place.remoteHead()
  await place.link({ mode: 'direct_commit' })
  await eventually(() => place.text('theirs.md')).toBe('theirs\n')
  await eventually(place.state).toBe('pushed')
  expect(await place.text('a.txt')).toBe('ours\n')
  expect(await place.remoteHead()).toBe(await place.project.head())
  expect((await place.project.git('rev-list', '--max-parents=0', 'main')).split('\n').sort()).toEqual(
    [ours, theirs].sort(),
  )
})

test('GS9 GS10: workflows without the permission are refused in words, and go when it is given', async () => {
  await startLoop()
  const place = await makeDirect({}, { contents: 'write', pull_requests: 'write' } as never)
  await place.commit('on: push\n', '.github/workflows/ci.yml')
  await eventually(place.code).toBe('github-workflows-permission')
  expect((await place.status()).reason?.message).toContain('Workflows: write')
  await github.control('PATCH', `installations/${place.repository.installationId}`, { permissions: fullPermissions })
  await place.sync()
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(await place.project.head())
})

test('GS12: a file above 50 MiB goes, with a warning', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.project.upload(world.ana, 'film/large.bin', Buffer.alloc(51 * 1024 * 1024, 1))
  const head = (await place.project.snapshot())?.oid
  await eventually(() => place.remoteHead()).toBe(head)
  await eventually(async () => (await place.operations())[0]?.note).toContain('“film/large.bin” (51 MiB)')
})

test('GS12: a file above 100 MiB, which can only come with a history, is kept back before the push, with its path', async () => {
  await startLoop()
  const place = await makePlace()
  const work = path.join(world.snapshots.folder, 'huge')
  await git(world.snapshots.folder, 'init', '-q', '-b', 'main', work)
  await writeFile(path.join(work, 'huge.bin'), Buffer.alloc(101 * 1024 * 1024))
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Add a film')
  await git(work, 'rm', '-q', 'huge.bin')
  await writeFile(path.join(work, 'a.txt'), 'one\n')
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Take it out again')
  await place.project.import(path.join(work, '.git'))
  await place.link()
  await eventually(place.code).toBe('github-file-too-large')
  expect((await place.status()).reason?.message).toContain('“huge.bin” (101 MiB)')
  expect(await place.pushes()).toEqual([])
  await place.commit('two\n')
  expect(await place.text('a.txt')).toBe('two\n')
})

test('GS12: LFS pointers go and come as they are', async () => {
  await startLoop()
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`
  const place = await makeDirect({ files: [...start.files, { path: 'a.psd', content: pointer }] })
  const head = await place.commit('more\n', 'b.txt')
  await eventually(() => place.remoteHead()).toBe(head)
  expect((await place.project.committed()).get('a.psd')?.toString()).toBe(pointer)
})

test('GS7: a force-push is taken over, the former tip stays here and is never pushed; hybrid turns to a pull request', async () => {
  await startLoop()
  for (const mode of ['direct_commit', 'hybrid'] as const) {
    const place = await makeDirect()
    await place.update({ mode })
    const former = await place.commit('one\ntwo\nthree\nfour\n')
    await eventually(() => place.remoteHead()).toBe(former)
    await eventually(place.state).toBe('pushed')
    // Nobody here wrote it: somebody there did, and takes it out of the history again.
    await place.commitThere([{ path: 'a.txt', content: 'one\ntwo\nthree\nfour\nsecret\n' }])
    await place.hint()
    await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\nfour\nsecret\n')
    const theirs = await place.commitThere([{ path: 'a.txt', content: 'one\ntwo\nthree\nfour\nclean\n' }], {
      onTop: former,
    })
    await place.hint()
    await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\nfour\nclean\n')
    await eventually(() => place.project.head()).toBe(theirs)
    await eventually(async () => (await place.notes()).some((note) => note.includes('force-push'))).toBe(true)
    expect((await place.status()).mode).toBe(mode === 'hybrid' ? 'protected_pr' : mode)
    expect(await place.project.git('for-each-ref', '--format=%(objectname)', 'refs/pinned')).not.toBe('')
    await place.expectSound().catch(() => {})
  }
})

test('GS10: paused by a person: nothing goes and nothing comes, a person may pull, and it is resumed', async () => {
  await startLoop()
  const place = await makeDirect()
  const before = await place.remoteHead()
  expect(await place.update({ paused: true })).toMatchObject({ state: 'paused', pausedBy: 'Ana' })
  await place.commit('ours\n', 'b.txt')
  await place.hint()
  await place.commitThere([{ path: 'c.txt', content: 'theirs\n' }])
  await place.sync()
  await eventually(() => place.text('c.txt')).toBe('theirs\n')
  expect(await place.remoteHead()).not.toBe(before)
  expect((await place.pushes()).length).toBe(0)
  expect(await place.update({ paused: false })).toMatchObject({ state: 'waiting', pausedBy: null })
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).toBe(await place.project.head())
})

test('SN9: what may be a secret is kept back before it leaves, and goes when it is let pass', async () => {
  let isOpen = true
  const reason = { code: 'secret-findings', message: 'b.txt, line 1, may hold a token. Editing and committing go on.' }
  await startLoop({ secrets: { check: async () => (isOpen ? reason : null) } })
  const place = await makePlace()
  const head = await place.commit('token\n', 'b.txt')
  await place.link()
  await eventually(place.code).toBe('secret-findings')
  expect(await place.remoteHead()).toBe(null)
  isOpen = false
  await place.hint()
  await eventually(() => place.remoteHead()).toBe(head)
  await eventually(place.state).toBe('pushed')
})

test('GS5: open conflicts hold every push until they are decided; policy branch sends them to a pull request', async () => {
  await startLoop()
  const place = await makeDirect()
  await place.write('a.txt', 'one\nOURS\nthree\n')
  await place.commitThere([{ path: 'a.txt', content: 'one\nTHEIRS\nthree\n' }])
  await place.hint()
  await eventually(place.code).toBe('open-conflicts')
  expect(await place.status()).toMatchObject({ state: 'held', openConflicts: 1 })
  expect(await place.text('a.txt')).toBe('one\nOURS\nthree\n')
  expect(await place.pushes()).toEqual([])
  await place.update({ overlaps: 'branch' })
  await eventually(async () => (await place.pulls()).length).toBe(1)
  await eventually(place.state).toBe('pushed')
  expect(await place.remoteHead()).not.toBe(await place.project.head())
})

test('nothing of all this was a fault of ours', () => {
  expect(faults).toEqual([])
  expect(deps.minIntervalMs).toBe(50)
})
