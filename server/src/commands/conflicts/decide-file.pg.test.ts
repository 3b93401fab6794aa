/** People decide about whole files: over PostgreSQL and a real repository that holds what theirs has. */
import { conflictQueries } from '@skein/db'
import type { FileId, Oid } from '@skein/protocol'
import { expect, test } from 'vitest'
import { makeRepository } from '../snapshot/testing/odd-repository.ts'
import { createSnapshotWorld } from '../snapshot/testing/snapshot-world.ts'
import { decideFile } from './decide-file.ts'
import type { Decision } from './decision.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const { database, store } = world
const submodule = 'c'.repeat(40)

const THEIRS = {
  'theirs.bin': Buffer.from([0, 1, 2, 3]),
  'theirs.md': Buffer.from('theirs\r\n'),
  'theirs-link': Buffer.from('theirs.md'),
  'theirs-lfs': Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`),
}
type TheirName = keyof typeof THEIRS

/** A project whose repository holds what theirs has, under other names. */
const project = await world.project('importing')
await project.import(
  makeRepository(world.folder, [
    [
      ...Object.entries(THEIRS).map(([name, content]) => {
        return {
          path: Buffer.from(`there/${name}`),
          mode: name === 'theirs-link' ? '120000' : '100644',
          content,
        } as const
      }),
    ],
  ]),
)
const oidOf = async (name: TheirName) => (await project.git('rev-parse', `HEAD:there/${name}`)) as Oid

const theirs = async (path: string, name: TheirName, mode = '100644'): Promise<conflictQueries.Side> => {
  return { text: null, path, mode, oid: await oidOf(name) }
}

const inProject = <T>(work: Parameters<typeof database.inWorkspace<T>>[1]) =>
  database.inWorkspace(project.key.workspaceId, work)

const addConflict = (
  what: string,
  path: string,
  {
    fileId = null,
    ours = null,
    theirs: side = null,
  }: { fileId?: FileId | null; ours?: conflictQueries.Side | null; theirs?: conflictQueries.Side | null },
) =>
  inProject(async (tx) => {
    const [pull] = await tx.query<{ id: string }>(
      `insert into pull (project_id, workspace_id, kind, theirs_oid, state) values ($1, $2, 'merge', $3, 'done') returning id`,
      [project.key.projectId, project.key.workspaceId, '1'.repeat(40)],
    )
    const remote = { oid: '1'.repeat(40) as Oid, authorName: 'Mei', at: null }
    const content = { pullId: pull?.id ?? '', what, path, line: null, contextBefore: '', contextAfter: '', base: null }
    const anchors = { anchors: null, oursBy: [], documentId: null }
    return conflictQueries.insertConflict(tx, project.key, {
      ...{ kind: 'file', fileId, ours, theirs: side, remote },
      ...content,
      ...anchors,
    })
  })

const find = (id: string) => inProject((tx) => conflictQueries.findConflict(tx, project.key.projectId, id))

const decide = async (id: string, choice: Decision['choice'], closes = true) => {
  const row = await find(id)
  if (!row) throw new Error('There is no conflict')
  const deps = { db: database, record: world.deps.recordEvent, git: store }
  await decideFile(deps, project.key, row, { actor: ana, choice, closes, checkRight: async () => {} })
}

const fileAt = async (path: string) => (await project.files()).find((file) => file.path === path)
const sideOf = (path: string, mode = '100644'): conflictQueries.Side => ({
  text: null,
  path,
  mode,
  oid: 'e'.repeat(40) as Oid,
})

test('CF8: edited here, deleted there: ours is kept, theirs is the trash, and ours again takes it back', async () => {
  const { id: fileId } = await project.create(ana, 'a/edited.md', 'ours\n')
  const id = await addConflict('edited-deleted', 'a/edited.md', { fileId, ours: sideOf('a/edited.md') })
  await expect(decide(id, 'both')).rejects.toMatchObject({ code: 'invalid-request' })
  await decide(id, 'theirs', false)
  expect(await fileAt('a/edited.md')).toBeUndefined()
  await decide(id, 'ours', false)
  expect(await fileAt('a/edited.md')).toMatchObject({ id: fileId })
  await decide(id, 'theirs')
  expect(await fileAt('a/edited.md')).toBeUndefined()
  expect(await find(id)).toMatchObject({ state: 'resolved', choice: 'theirs', resolvedBy: { name: 'Ana' } })
})

test('CF8: deleted here, edited there: theirs comes back byte for byte, once, and goes again for ours', async () => {
  const side = await theirs('b/deleted.md', 'theirs.md')
  const id = await addConflict('deleted-edited', 'b/deleted.md', { theirs: side })
  await decide(id, 'ours', false)
  expect(await fileAt('b/deleted.md')).toBeUndefined()
  await decide(id, 'theirs', false)
  expect(await fileAt('b/deleted.md')).toMatchObject({ kind: 'text', eol: 'crlf' })
  await decide(id, 'ours', false)
  expect(await fileAt('b/deleted.md')).toBeUndefined()
  await decide(id, 'theirs', false)
  await decide(id, 'theirs')
  expect((await project.files()).filter(({ path }) => path.startsWith('b/'))).toHaveLength(1)
  await project.snapshot()
  expect((await project.committed()).get('b/deleted.md')).toEqual(THEIRS['theirs.md'])
})

test('CF8: binary on both sides: theirs takes the place, ours waits in the trash and comes back', async () => {
  const fileId = await project.upload(ana, 'c/both.bin', Buffer.from([0, 9, 9]))
  const side = await theirs('c/both.bin', 'theirs.bin')
  const id = await addConflict('both-binary', 'c/both.bin', { fileId, ours: sideOf('c/both.bin'), theirs: side })
  await decide(id, 'theirs', false)
  await project.snapshot()
  expect((await project.committed()).get('c/both.bin')).toEqual(THEIRS['theirs.bin'])
  await decide(id, 'ours', false)
  expect(await fileAt('c/both.bin')).toMatchObject({ id: fileId })
  await decide(id, 'both', false)
  await decide(id, 'both')
  await project.snapshot()
  const committed = await project.committed()
  expect(committed.get('c/both.bin')).toEqual(Buffer.from([0, 9, 9]))
  expect(committed.get('c/both (GitHub).bin')).toEqual(THEIRS['theirs.bin'])
  expect([...committed.keys()].filter((path) => path.startsWith('c/'))).toHaveLength(2)
})

test.each([
  ['a link', 'theirs-link', '120000', 'symlink'],
  ['an LFS pointer', 'theirs-lfs', '100644', 'lfs'],
  ['an executable text', 'theirs.md', '100755', 'text'],
] as const)('CF8: another type there, %s, takes the place of a text', async (_, name, mode, kind) => {
  const path = `d/${name}${mode}.md`
  const { id: fileId } = await project.create(ana, path, 'ours\n')
  const side = await theirs(path, name, mode)
  const id = await addConflict('both-type', path, { fileId, ours: sideOf(path, '100644'), theirs: side })
  await decide(id, 'theirs')
  expect(await fileAt(path)).toMatchObject({ kind })
  await project.snapshot()
  expect((await project.committed()).get(path)).toEqual(THEIRS[name])
  expect(await project.fsck()).toBe('')
})

test('CF8: two names: theirs moves it, ours moves it back, and a taken name is refused', async () => {
  const { id: fileId } = await project.create(ana, 'f/ours.md', 'text\n')
  const id = await addConflict('both-renamed', 'f/ours.md', {
    ...{ fileId, ours: sideOf('f/ours.md') },
    theirs: await theirs('f/theirs.md', 'theirs.md'),
  })
  await decide(id, 'theirs', false)
  expect(await fileAt('f/theirs.md')).toMatchObject({ id: fileId })
  await decide(id, 'ours', false)
  expect(await fileAt('f/ours.md')).toMatchObject({ id: fileId })
  await expect(decide(id, 'both')).rejects.toMatchObject({ code: 'invalid-request' })
  await project.create(ana, 'f/theirs.md', 'another\n')
  await expect(decide(id, 'theirs')).rejects.toMatchObject({ code: 'path-taken' })
  expect(await find(id)).toMatchObject({ state: 'open' })
})

test('CF8: two modes: one of them', async () => {
  const { id: fileId } = await project.create(ana, 'g/run.sh', 'ours\n')
  const id = await addConflict('both-mode', 'g/run.sh', {
    ...{ fileId, ours: sideOf('g/run.sh', '100644') },
    theirs: await theirs('g/run.sh', 'theirs.md', '100755'),
  })
  await decide(id, 'theirs', false)
  await project.snapshot()
  expect(await project.git('ls-tree', 'HEAD', 'g/run.sh')).toMatch(/^100755 blob/)
  await decide(id, 'ours')
  await project.snapshot()
  expect(await project.git('ls-tree', 'HEAD', 'g/run.sh')).toMatch(/^100644 blob/)
})

test('CF8: two files that wanted one place are both here: that can only be left or changed by hand', async () => {
  const { id: fileId } = await project.create(ana, 'h/one (GitHub).md', 'theirs\n')
  const id = await addConflict('path-taken', 'h/one.md', { fileId, theirs: await theirs('h/one.md', 'theirs.md') })
  await expect(decide(id, 'theirs')).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'Both files are here, the one of GitHub under another name. Nothing was changed.',
  })
  await decide(id, 'ours', false)
  await decide(id, 'both')
  expect(await fileAt('h/one (GitHub).md')).toMatchObject({ id: fileId })
})

test('CF10: of many who decide about a file at once one has', async () => {
  const { id: fileId } = await project.create(ana, 'i/edited.md', 'ours\n')
  const id = await addConflict('edited-deleted', 'i/edited.md', { fileId, ours: sideOf('i/edited.md') })
  const outcomes = await Promise.allSettled(
    (['theirs', 'ours', 'theirs', 'current'] as const).map((c) => decide(id, c)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const choice = (await find(id))?.choice
  expect((await fileAt('i/edited.md')) === undefined).toBe(choice === 'theirs')
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
  expect(refused).toEqual(Array(3).fill('conflict-decided'))
})

test('CF8: a submodule there beside a text of ours is kept as its commit', async () => {
  const { id: fileId } = await project.create(ana, 'e/mod', 'ours\n')
  const side = { text: null, path: 'e/mod', mode: '160000', oid: submodule as Oid }
  const id = await addConflict('both-type', 'e/mod', { fileId, ours: sideOf('e/mod'), theirs: side })
  await decide(id, 'both')
  await project.snapshot()
  expect(await project.git('rev-parse', 'HEAD:e/mod (GitHub)')).toBe(submodule)
  expect(await project.git('cat-file', 'blob', 'HEAD:e/mod')).toBe('ours')
})
