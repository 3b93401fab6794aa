import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { projectQueries } from '@skein/db'
import { type Oid, SKEIN } from '@skein/protocol'
import { expect, test } from 'vitest'
import { bringHead, type FolderStep } from '../commands/folder/bring-heads.ts'
import { sendWork } from '../commands/folder/send-work.ts'
import { ProjectWorld } from '../commands/snapshot/testing/snapshot-world.ts'
import { folderDeps } from '../commands/sync/folder-refs.ts'
import { git } from '../testing/world.ts'
import { createSyncWorld, eventually, Place } from './testing/sync-world.ts'

const world = await createSyncWorld()
const { deps, faults, makePlace, startLoop } = world
const { ask } = world.test

const inGit = async (place: Place, ...args: string[]): Promise<string> =>
  (await place.control<{ output: string }>('POST', 'git', { args })).output.trim()
/** A file at GitHub; null: it is not there. */
const fileThere = (place: Place, path: string, at = 'main'): Promise<string | null> =>
  inGit(place, 'show', `${at}:${path}`).catch(() => null)
const pathsThere = async (place: Place, at = 'main'): Promise<string[]> =>
  (await inGit(place, 'ls-tree', '-r', '--name-only', at)).split('\n')
const openPulls = async (place: Place) => (await place.pulls()).filter(({ state }) => state === 'open')

/** Writes and commits; a pull that is under way may do the latter, or be waited for. */
async function put(place: Place, text: string, file = 'a.txt'): Promise<void> {
  await place.write(file, text)
  const tryOnce = () =>
    place.project.snapshot().then(
      () => true,
      () => false,
    )
  await eventually(tryOnce).toBe(true)
}

/** What both sides hold is the same, and everything is sound. */
async function expectSame(place: Place, directory: string, at = 'main'): Promise<void> {
  const there = await inGit(place, 'rev-parse', `${at}:${directory}`)
  expect(await place.project.git('rev-parse', 'HEAD^{tree}')).toBe(there)
  expect(await inGit(place, 'fsck', '--strict', '--no-dangling')).toBe('')
  await place.expectSound()
}

const whole = [
  { path: 'README.md', content: 'The whole\n' },
  { path: 'docs/a.txt', content: 'one\ntwo\nthree\n' },
  { path: 'docs/deep/b.txt', content: 'deep\n' },
  { path: 'site/index.html', content: '<p>\n' },
]

/** A repository of several folders, of which `docs` is the project. */
async function makeLinked(mode: 'direct_commit' | 'protected_pr' | 'hybrid' = 'direct_commit'): Promise<Place> {
  const place = await makePlace({ files: whole })
  await place.link({ directory: 'docs', mode })
  await eventually(() => place.text('a.txt')).toBe('one\ntwo\nthree\n')
  await eventually(place.state).toBe('pushed')
  return place
}

test('FL1 FL4: the folder is the project, and what is outside of it stays as it is', async () => {
  await startLoop()
  const place = await makeLinked()
  expect((await place.project.files()).map(({ path }) => path).sort()).toEqual(['a.txt', 'deep/b.txt'])
  const before = await place.remoteHead()
  const local = await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(place.state).toBe('pushed')
  const after = (await place.remoteHead()) as Oid
  expect(await inGit(place, 'rev-parse', `${after}^`)).toBe(before)
  expect(await pathsThere(place)).toEqual(whole.map(({ path }) => path).sort())
  expect(await fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour')
  const shown = '--format=%an <%ae> %at %cn <%ce> %ct %B'
  expect(await inGit(place, 'log', '-1', shown, after)).toBe(
    (await place.project.git('log', '-1', shown, local)).trim(),
  )
  expect((await place.status()).commitUrl).toContain(after)
  await expectSame(place, 'docs')
  expect(faults).toEqual([])
})

test('FL2 FL3: what changes outside of the folder makes no commit here, and our next push goes on top of it', async () => {
  await startLoop()
  const place = await makeLinked()
  const [first] = (await place.project.git('rev-list', 'HEAD')).trim().split('\n')
  const outside = await place.commitThere([{ path: 'site/index.html', content: '<b>\n' }])
  await place.hint()
  await eventually(place.state).toBe('pushed')
  expect((await place.project.git('rev-list', 'HEAD')).trim()).toBe(first)
  const again = await place.commitThere([{ path: 'README.md', content: 'Other\n' }])
  const local = await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(() => fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour')
  await eventually(place.state).toBe('pushed')
  expect(await inGit(place, 'rev-list', '--first-parent', '-n', '3', 'main')).toBe(
    [await place.remoteHead(), again, outside].join('\n'),
  )
  expect((await place.project.git('rev-list', 'HEAD')).trim().split('\n')).toEqual([local, first])
  expect(await fileThere(place, 'site/index.html')).toBe('<b>')
  // Inside of the folder, while ours is on its way: one merge, and both are there.
  const theirs = await place.commitThere([
    { path: 'docs/a.txt', content: 'ONE\ntwo\nthree\nfour\n' },
    { path: 'site/new.html', content: 'new\n' },
  ])
  await put(place, 'one\ntwo\nthree\nfour\nfive\n')
  await eventually(() => place.text('a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive\n')
  await eventually(() => fileThere(place, 'docs/a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive')
  await eventually(place.state).toBe('pushed')
  expect(await fileThere(place, 'site/new.html')).toBe('new')
  expect(await inGit(place, 'merge-base', '--is-ancestor', theirs, 'main')).toBe('')
  await expectSame(place, 'docs')
  expect(faults).toEqual([])
})

test('FL2: the same remote commits are the same commits in every project and after every kill', async () => {
  const place = await makePlace({ files: whole })
  await place.commitThere([{ path: 'docs/a.txt', content: 'two\n' }], { author: { name: 'Mei', email: 'mei@x.org' } })
  await place.commitThere([{ path: 'site/x', content: 'x\n' }])
  await place.commitThere([{ path: 'docs/deep/b.txt', deleted: true } as never])
  const remote = (await place.remoteHead()) as Oid
  const link = { ...place.repository, directory: 'docs' }
  const signal = new AbortController().signal
  const bring = (project: Place['key'], struck?: FolderStep) => {
    const onStep = (step: FolderStep) => {
      if (step === struck) throw new Error(`killed at ${step}`)
    }
    return bringHead({ ...folderDeps(deps), onStep }, project, link, { branch: 'main', remote }, signal)
  }
  const steps: FolderStep[] = ['fetched', 'stored', 'translated', 'kept']
  for (const step of steps) await expect(bring(place.key, step)).rejects.toThrow(`killed at ${step}`)
  const brought = await bring(place.key)
  const other = (await world.snapshots.project()).key
  expect(await bring(other)).toEqual(brought)
  const local = brought.outcome === 'here' ? brought.head.local : ''
  expect(await place.project.git('log', '--format=%an %s', local)).toMatch(/^.*\nMei .*\n.*\n?$/)
  expect((await place.project.git('ls-tree', '-r', '--name-only', local)).trim()).toBe('a.txt')
  expect(await place.project.fsck()).toBe('')
})

test('FL4 GS4: killed at every step of a push, it goes on, and nothing is pushed twice', async () => {
  const place = await makePlace({ files: whole })
  const link = { ...place.repository, directory: 'docs' }
  const signal = new AbortController().signal
  const remote = (await place.remoteHead()) as Oid
  await place.link({ directory: 'docs' })
  const loop = await startLoop()
  await eventually(place.state).toBe('pushed')
  await loop.drain()
  const to = await place.commit('one\ntwo\nthree\nfour\n')
  const brought = await bringHead(folderDeps(deps), place.key, link, { branch: 'main', remote }, signal)
  if (brought.outcome !== 'here') throw new Error('the head is not here')
  const push = { branch: 'main', to, lease: brought.head, tracked: brought.head }
  for (const struck of ['built', 'recorded', 'pushed'] as const) {
    const onStep = (step: FolderStep) => {
      if (step === struck) throw new Error(`killed at ${step}`)
    }
    await expect(sendWork({ ...folderDeps(deps), onStep }, place.key, link, push, signal)).rejects.toThrow(struck)
  }
  expect(await fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour')
  await startLoop()
  await place.hint()
  await eventually(place.state).toBe('pushed')
  expect(await place.pushes()).toHaveLength(1)
  expect(await place.project.head()).toBe(to)
  // Nobody remembers what it was: the translation says the same.
  await ask('delete from commit_map where project_id = $1 and is_own', [place.key.projectId])
  await place.commitThere([{ path: 'site/x', content: 'x\n' }])
  await put(place, 'one\ntwo\nthree\nfour\nfive\n')
  await eventually(() => fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour\nfive')
  expect(await place.project.git('merge-base', '--is-ancestor', to, 'HEAD')).toBe('')
  expect((await place.project.git('rev-list', '--merges', 'HEAD')).trim()).toBe('')
  await expectSame(place, 'docs')
})

test('FL5: a folder that is not there yet is made by the first push, directly or by a pull request', async () => {
  await startLoop()
  const place = await makePlace({ files: whole })
  await put(place, 'mine\n', 'note.md')
  await put(place, 'mine too\n', 'note.md')
  await place.link({ directory: 'team/notes' })
  await eventually(() => fileThere(place, 'team/notes/note.md')).toBe('mine too')
  await eventually(place.state).toBe('pushed')
  expect(await pathsThere(place)).toEqual([...whole.map(({ path }) => path), 'team/notes/note.md'].sort())
  await expectSame(place, 'team/notes')
  const asked = await makePlace({ files: whole })
  await put(asked, 'mine\n', 'note.md')
  await asked.link({ directory: 'team/notes', mode: 'protected_pr' })
  await eventually(async () => (await openPulls(asked)).length).toBe(1)
  expect(await fileThere(asked, 'team/notes/note.md')).toBeNull()
  expect(await fileThere(asked, 'team/notes/note.md', 'skein/notes')).toBe('mine')
  const empty = await makePlace()
  await put(empty, 'mine\n', 'note.md')
  await empty.link({ directory: 'docs', mode: 'protected_pr' })
  await eventually(() => fileThere(empty, 'docs/note.md')).toBe('mine')
  await eventually(empty.state).toBe('pushed')
  await expectSame(empty, 'docs')
  // Deleted there: its files go here, and come back with what is written next.
  await eventually(asked.state).toBe('pushed')
  await empty.commitThere([{ path: 'docs/note.md', deleted: true } as never, { path: 'x', content: 'x\n' }])
  await empty.hint()
  await eventually(async () => (await empty.project.files()).length).toBe(0)
  await eventually(empty.state).toBe('pushed')
  await put(empty, 'anew\n', 'other.md')
  await eventually(async () => (await asked.status()).state === 'pushed' && (await openPulls(asked)).length).toBe(1)
  expect(faults).toEqual([])
})

test('FL6: a folder that became a file or a submodule is held in words, and goes on when it is one again', async () => {
  await startLoop()
  const place = await makeLinked()
  const submodule = '1'.repeat(40)
  for (const [blocking, words] of [
    [{ path: 'docs', content: 'a file\n' }, 'is a file now'],
    [{ path: 'docs', submodule, mode: '160000' }, 'is a submodule now'],
  ] as const) {
    await place.commitThere([
      { path: 'docs/a.txt', deleted: true } as never,
      { path: 'docs/deep/b.txt', deleted: true } as never,
    ])
    const blocked = await place.commitThere([blocking as never])
    await place.hint()
    await eventually(place.code).toBe('folder-blocked')
    expect((await place.status()).reason?.message).toContain(words)
    const own = `${words}.txt`
    const head = await place.commit('typed meanwhile\n', own)
    await eventually(place.code).toBe('folder-blocked')
    expect([await place.remoteHead(), await place.project.head()]).toEqual([blocked, head])
    await place.commitThere([{ path: 'docs', deleted: true } as never])
    await place.commitThere([
      { path: 'docs/a.txt', content: 'back\n' },
      { path: 'docs/deep/b.txt', content: 'deep\n' },
    ])
    await place.hint()
    await eventually(() => fileThere(place, `docs/${own}`)).toBe('typed meanwhile')
    await eventually(place.state).toBe('pushed')
  }
  await expectSame(place, 'docs')
  expect(faults).toEqual([])
})

test('FL7: one pull request for the folder, appended, and merged by any method', async () => {
  await startLoop()
  for (const method of ['merge', 'squash', 'rebase']) {
    const place = await makeLinked('protected_pr')
    await put(place, 'one\ntwo\nthree\nfour\n')
    await eventually(async () => (await openPulls(place)).length).toBe(1)
    await eventually(place.state).toBe('pushed')
    const [asked] = await openPulls(place)
    expect(asked?.body).toContain('`a.txt` +1 −0')
    expect(asked?.body).toContain(asked?.head.sha.slice(0, 10) ?? '')
    await place.commitThere([{ path: 'site/index.html', content: 'meanwhile\n' }])
    await put(place, 'one\ntwo\nthree\nfour\nfive\n')
    await eventually(() => fileThere(place, 'docs/a.txt', 'skein/notes')).toBe('one\ntwo\nthree\nfour\nfive')
    await eventually(place.state).toBe('pushed')
    await place.write('a.txt', 'ONE\ntwo\nthree\nfour\nfive\n')
    await place.control('POST', 'pulls/1/merge', { method })
    await place.hint()
    await eventually(async () => (await place.status()).pullRequest?.state).toBe('merged')
    await place.project.snapshot()
    await eventually(async () => (await openPulls(place)).map(({ number }) => number)).toEqual([2])
    await eventually(place.state).toBe('pushed')
    expect((await place.status()).openConflicts, method).toBe(0)
    expect(await place.text('a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive\n')
    expect(await fileThere(place, 'site/index.html')).toBe('meanwhile')
    await place.control('POST', 'pulls/2/merge', { method })
    await place.hint()
    await eventually(() => fileThere(place, 'docs/a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive')
    await eventually(async () => (await place.status()).pullRequest?.state).toBe('merged')
    await eventually(place.state).toBe('pushed')
    await expectSame(place, 'docs')
  }
  expect(faults).toEqual([])
})

test('FL7: somebody’s commits on our branch come in, and after one that has nothing of the folder we begin another', async () => {
  await startLoop()
  const place = await makeLinked('protected_pr')
  await put(place, 'one\ntwo\nthree\nfour\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  await place.commitThere([{ path: 'docs/b.txt', content: 'theirs\n' }], { branch: 'skein/notes' })
  await place.hint()
  await eventually(() => place.text('b.txt')).toBe('theirs\n')
  await place.control('POST', 'pulls/1/merge', { method: 'merge' })
  await place.hint()
  await eventually(async () => (await place.status()).pullRequest?.state).toBe('merged')
  await eventually(place.state).toBe('pushed')
  const stray = await place.commitThere([{ path: 'stray', content: 'x\n' }], { branch: 'skein/notes' })
  await put(place, 'one\ntwo\nthree\nfour\nfive\n')
  await eventually(async () => (await openPulls(place)).length).toBe(1)
  expect(await place.remoteHead('skein/notes')).toBe(stray)
  expect((await openPulls(place))[0]?.head.ref).not.toBe('skein/notes')
  await place.expectSound()
  expect(faults).toEqual([])
})

test('FL8: history that is rewritten outside of the folder is nothing here; inside of it the new one is taken over', async () => {
  await startLoop()
  const place = await makeLinked()
  await place.commitThere([{ path: 'site/secret', content: 'secret\n' }])
  await put(place, 'one\ntwo\nthree\nfour\n')
  await eventually(() => fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour')
  await eventually(place.state).toBe('pushed')
  const head = await place.project.head()
  // The same changes of the folder on another line, without the secret.
  const [last = '', , first = ''] = (await inGit(place, 'rev-list', 'main')).split('\n')
  const tree = await inGit(place, 'rev-parse', `${last}^{tree}`)
  await place.commitThere([{ path: 'site/secret', deleted: true } as never], { onTop: first })
  await place.commitThere([{ path: 'docs/a.txt', content: 'one\ntwo\nthree\nfour\n' }])
  expect(tree).not.toBe(await inGit(place, 'rev-parse', 'main^{tree}'))
  await place.hint()
  await eventually(async () => (await place.notes()).some((note) => note.includes('rewritten'))).toBe(true)
  await eventually(place.state).toBe('pushed')
  expect(await place.text('a.txt')).toBe('one\ntwo\nthree\nfour\n')
  expect(await place.project.git('rev-parse', `refs/pinned/${head}`)).toContain(head)
  const typed = await place.commit('one\ntwo\nthree\nfour\nfive\n')
  await eventually(() => fileThere(place, 'docs/a.txt')).toBe('one\ntwo\nthree\nfour\nfive')
  expect(await fileThere(place, 'site/secret')).toBeNull()
  await place.commitThere([{ path: 'site/x', content: '1\n' }])
  await place.hint()
  await eventually(place.state).toBe('pushed')
  // Only what is outside is another: nothing of it is seen here.
  await place.commitThere([{ path: 'site/x', content: '2\n' }], { amend: true })
  const settled = await place.remoteHead()
  await place.hint()
  await eventually(place.state).toBe('pushed')
  expect([await place.project.head(), await place.remoteHead()]).toEqual([typed, settled])
  expect(await place.project.fsck()).toBe('')
  expect((await place.pushes()).every(({ forced }) => !forced)).toBe(true)
  expect(faults).toEqual([])
})

test('FL9: two projects in two folders push and pull at the same time, and never undo each other', async () => {
  await startLoop()
  const docs = await makeLinked()
  const { workspaceId } = docs.key
  const projectId = await deps.db.inWorkspace(workspaceId, (tx) =>
    projectQueries.insertProject(tx, {
      ...{ workspaceId, slug: 'site', name: 'Site', state: 'ready', source: 'empty', sourceUrl: null },
      createdBy: SKEIN,
    }),
  )
  if (projectId === null) throw new Error('the slug is taken')
  const site = new Place(world, new ProjectWorld(world.snapshots, { projectId, workspaceId }), docs.repository)
  await site.link({ directory: 'site' })
  await expect(site.link({ directory: 'docs' })).rejects.toMatchObject({ code: 'already-linked' })
  await eventually(() => site.text('index.html')).toBe('<p>\n')
  await eventually(site.state).toBe('pushed')
  for (let round = 1; round <= 4; round++) {
    await Promise.all([
      put(docs, `docs ${round}\n`, 'a.txt'),
      put(site, `site ${round}\n`, 'index.html'),
      docs.commitThere([{ path: `docs/theirs-${round}`, content: 'x\n' }]),
    ])
    await Promise.all([docs.hint(), site.hint()])
  }
  await eventually(() => fileThere(docs, 'docs/a.txt')).toBe('docs 4')
  await eventually(() => fileThere(docs, 'site/index.html')).toBe('site 4')
  await eventually(() => docs.text('theirs-4')).toBe('x\n')
  await eventually(docs.state).toBe('pushed')
  await eventually(site.state).toBe('pushed')
  expect(await fileThere(docs, 'README.md')).toBe('The whole')
  await expectSame(docs, 'docs')
  await expectSame(site, 'site')
  // Nobody ever put an older state of the other folder back.
  for (const [folder, file] of [
    ['docs', 'a.txt'],
    ['site', 'index.html'],
  ]) {
    const log = await inGit(
      docs,
      'log',
      '--first-parent',
      '--reverse',
      '-m',
      '--format=%H',
      'main',
      '--',
      `${folder}/${file}`,
    )
    const states = await Promise.all(log.split('\n').map((oid) => fileThere(docs, `${folder}/${file}`, oid)))
    expect(states).toEqual([...new Set(states)])
  }
  expect(faults).toEqual([])
})

test('FL10 SN9: only what leaves is looked through, a conflict holds the push, and a link made again goes on', async () => {
  const ranges: unknown[] = []
  const check = async (_project: unknown, range: unknown) => {
    ranges.push(range)
    return null
  }
  await startLoop({ secrets: { check } })
  const place = await makeLinked()
  const before = await place.project.head()
  const to = await place.commit('one\ntwo\nthree\nfour\n')
  await eventually(place.state).toBe('pushed')
  expect(ranges).toEqual([{ to, known: [before] }])
  await place.commitThere([{ path: 'docs/a.txt', content: 'one\nTWO there\nthree\nfour\n' }])
  await place.write('a.txt', 'one\nTWO here\nthree\nfour\n')
  await place.hint()
  await eventually(async () => (await place.status()).openConflicts).toBe(1)
  await eventually(place.code).toBe('open-conflicts')
  expect(await fileThere(place, 'docs/a.txt')).toBe('one\nTWO there\nthree\nfour')
  await place.unlink()
  await place.commitThere([{ path: 'docs/new.txt', content: 'new\n' }])
  await place.link({ directory: 'docs' })
  await eventually(() => place.text('new.txt')).toBe('new\n')
  expect(await place.project.fsck()).toBe('')
  const other = await makePlace({ files: whole })
  for (const directory of ['../up', '.git/x', 'a\\b', 'a//b', 'a./b'])
    await expect(other.link({ directory })).rejects.toMatchObject({ code: 'invalid-path' })
  expect(faults).toEqual([])
})

test('FL10: large files are told and kept back by the paths that people know here', async () => {
  await startLoop()
  const place = await makeLinked()
  await place.project.upload(world.ana, 'film/large.bin', Buffer.alloc(51 * 1024 * 1024, 1))
  await place.project.snapshot()
  await eventually(async () => (await pathsThere(place)).includes('docs/film/large.bin')).toBe(true)
  await eventually(async () => (await place.operations())[0]?.note).toContain('“film/large.bin” (51 MiB)')
  const huge = await makePlace({ files: whole })
  const work = path.join(world.snapshots.folder, 'huge')
  await git(world.snapshots.folder, 'init', '-q', '-b', 'main', work)
  await writeFile(path.join(work, 'huge.bin'), Buffer.alloc(101 * 1024 * 1024))
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Add a film')
  await git(work, 'rm', '-q', 'huge.bin')
  await writeFile(path.join(work, 'own.txt'), 'one\n')
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Take it out again')
  await huge.project.import(path.join(work, '.git'))
  await huge.link({ directory: 'docs' })
  await eventually(huge.code).toBe('github-file-too-large')
  expect((await huge.status()).reason?.message).toContain('“huge.bin” (101 MiB)')
  expect(await huge.pushes()).toEqual([])
  expect(await huge.text('a.txt')).toBe('one\ntwo\nthree\n')
  expect(faults).toEqual([])
})
