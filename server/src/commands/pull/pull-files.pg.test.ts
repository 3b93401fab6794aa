/**
 * Every kind of file and every change of one, brought in end to end. Where nothing of ours is left to say, our head must be theirs itself, which it
 * only is when every byte, name and mode of the live tree is theirs'.
 */
import { createTestDatabase } from '@skein/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import type { RemoteFile } from './testing/disk-remote.ts'
import { buildPullWorld, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const world = await buildPullWorld(database, collab.collab.liveDocuments)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

const link = { mode: '120000', content: 'a.md' }
const submodule = { mode: '160000', oid: '1'.repeat(40) }
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 123\n`
const binary = Buffer.from([0, 1, 2, 3, 255])

/** Pulls what theirs did; all of it must have come. */
async function expectTheirs(linked: LinkedProject): Promise<void> {
  const outcome = await linked.merged()
  expect(outcome.head).toBe(linked.remote.head())
  expect(await linked.project.dirty()).toEqual([])
  expect(await linked.project.fsck()).toBe('')
}

describe('PL3: whatever theirs changes comes, byte for byte', () => {
  const contents: Record<string, RemoteFile> = {
    'text of a text': 'two\n',
    nothing: '',
    'no line end': 'no end',
    crlf: 'a\r\nb\r\n',
    mixed: 'a\r\nb\nc\r',
    'a mark': Buffer.from('\uFEFFmarked\r\n'),
    latin: Buffer.from('caf\xe9\n', 'latin1'),
    binary,
    'a nul': 'a\0b\n',
    'lfs pointer': pointer,
    symlink: link,
    submodule,
    executable: { mode: '100755', content: '#!/bin/sh\n' },
  }
  test('every kind of content into every other, and into nothing', async () => {
    const names = Object.keys(contents)
    const linked = await world.linked()
    const pairs = names.flatMap((before) =>
      names.map((after) => ({ before, after, path: `${before} to ${after}`.replaceAll(' ', '-') })),
    )
    linked.remote.commit(Object.fromEntries(pairs.map(({ before, path }) => [path, contents[before] as RemoteFile])))
    await expectTheirs(linked)
    const changed: Record<string, RemoteFile> = {}
    for (const { before, after, path } of pairs) {
      if (before !== after) changed[path] = contents[after] as RemoteFile
    }
    linked.remote.commit(changed)
    await expectTheirs(linked)
    linked.remote.git('rm', '-q', '-r', '--cached', '.')
    linked.remote.commit({})
    await expectTheirs(linked)
    expect(await linked.paths()).toEqual([])
  })

  test('renames, exchanged names, a folder in place of a file and the other way round', async () => {
    const linked = await world.shared({
      'a.md': 'first text of some length\nsecond line\n',
      'b.md': 'another text of some length\nand a line\n',
      'c/d.md': 'a text in a folder\nof two lines\n',
      'f.md': 'a file that becomes a folder\n',
    })
    const ids = { a: await linked.idOf('a.md'), b: await linked.idOf('b.md') }
    linked.remote.move('a.md', 'x.md')
    linked.remote.move('b.md', 'a.md')
    linked.remote.move('x.md', 'b.md')
    linked.remote.move('c/d.md', 'c/e.md')
    linked.remote.commit({})
    await expectTheirs(linked)
    expect(await linked.text('a.md')).toBe('another text of some length\nand a line\n')
    linked.remote.commit({ 'f.md': null, c: null })
    linked.remote.commit({ 'f.md/inside.md': 'I\n', c: 'now a file\n' })
    await expectTheirs(linked)
    expect(await linked.paths()).toEqual(['a.md', 'b.md', 'c', 'f.md/inside.md'])
    expect(ids.a).not.toBe(ids.b)
  })

  test('a renamed file keeps its document, also when its text changed with it', async () => {
    const text = Array.from({ length: 20 }, (_, n) => `line ${n} of a text\n`).join('')
    const linked = await world.shared({ 'old.md': text })
    const id = await linked.idOf('old.md')
    await linked.edit(ana, 'old.md', (now) => now.replace('line 2 ', 'LINE 2 '))
    linked.remote.move('old.md', 'deep/new.md')
    linked.remote.commit({ 'deep/new.md': text.replace('line 17', 'LINE 17') })
    expect(await linked.merged()).toMatchObject({ conflicts: 0, files: 1 })
    expect(await linked.idOf('deep/new.md')).toBe(id)
    expect(await linked.text('deep/new.md')).toBe(text.replace('line 2 ', 'LINE 2 ').replace('line 17', 'LINE 17'))
  })

  test('names that are not UTF-8, twins, and names that nobody could make here', async () => {
    const linked = await world.shared({ 'a.md': 'A\n' })
    const oid = linked.remote.git('rev-parse', 'HEAD:a.md')
    const raw = Buffer.from([0x66, 0xff, 0x2e, 0x63])
    linked.remote.stage('100644', oid, raw)
    for (const name of ['README', 'readme', 'back\\slash', 'dot.'])
      linked.remote.stage('100644', oid, Buffer.from(name))
    linked.remote.commit({})
    await expectTheirs(linked)
    const other = linked.remote.putBlob('B\n')
    linked.remote.stage('100644', other, raw)
    for (const name of ['README', 'back\\slash']) linked.remote.stage('100644', other, Buffer.from(name))
    linked.remote.commit({})
    await expectTheirs(linked)
    linked.remote.stage('0', '0'.repeat(40), raw)
    linked.remote.stage('100644', other, Buffer.from([0x67, 0xfe]))
    linked.remote.commit({})
    await expectTheirs(linked)
  })

  test('modes', async () => {
    const linked = await world.shared({ 'a.sh': '#!/bin/sh\n' })
    linked.remote.git('update-index', '--chmod=+x', 'a.sh')
    linked.remote.commit({})
    await expectTheirs(linked)
    linked.remote.git('update-index', '--chmod=-x', 'a.sh')
    linked.remote.commit({})
    await expectTheirs(linked)
  })
})

describe('GS5: what ours did meanwhile stays', () => {
  const long = Array.from({ length: 12 }, (_, n) => `line ${n} of a long text\n`).join('')

  test('PL6: line ends that theirs changed, and a line of ours', async () => {
    const linked = await world.shared({ 'a.md': 'one\n\ntwo\n', 'b.md': 'one\r\n\r\ntwo\r\n' })
    await linked.edit(ana, 'a.md', (text) => text.replace('one', 'ONE'))
    await linked.edit(ana, 'b.md', (text) => text.replace('one', 'ONE'))
    linked.remote.commit({ 'a.md': 'one\r\n\r\nTWO\r\n', 'b.md': 'one\n\nTWO\n' })
    expect(await linked.merged()).toMatchObject({ conflicts: 0 })
    const committed = await linked.project.committed()
    expect(committed.get('a.md')?.toString()).toBe('ONE\r\n\r\nTWO\r\n')
    expect(committed.get('b.md')?.toString()).toBe('ONE\n\nTWO\n')
  })

  test('edited here and deleted there: kept and listed; deleted here and edited there: listed', async () => {
    const linked = await world.shared({ 'a.md': 'A\n', 'b.md': 'B\n', 'c.md': 'C\n', 'd.md': 'D\n' })
    await linked.edit(ana, 'a.md', () => 'A of ours\n')
    await linked.project.remove(world.ana, await linked.idOf('b.md'))
    linked.remote.commit({ 'a.md': null, 'b.md': 'B of theirs\n', 'c.md': null })
    const outcome = await linked.merged()
    expect(outcome.conflicts).toBe(2)
    expect((await linked.conflicts()).map(({ what, path }) => [what, path])).toEqual([
      ['edited-deleted', 'a.md'],
      ['deleted-edited', 'b.md'],
    ])
    expect(await linked.text('a.md')).toBe('A of ours\n')
    expect((await linked.paths()).includes('c.md')).toBe(false)
    expect(await linked.text('d.md')).toBe('D\n')
  })

  test('renamed here and edited there, and the other way round: both', async () => {
    const linked = await world.shared({ 'a.md': long, 'b.md': `${long}end\n` })
    await linked.project.move(world.ana, await linked.idOf('a.md'), 'ours/a.md')
    await linked.edit(ana, 'b.md', (text) => text.replace('line 1 ', 'LINE 1 '))
    linked.remote.move('b.md', 'theirs.md')
    linked.remote.commit({ 'a.md': long.replace('line 9', 'LINE 9') })
    expect(await linked.merged()).toMatchObject({ conflicts: 0 })
    expect(await linked.paths()).toEqual(['ours/a.md', 'theirs.md'])
    expect(await linked.text('ours/a.md')).toBe(long.replace('line 9', 'LINE 9'))
    expect(await linked.text('theirs.md')).toBe(`${long}end\n`.replace('line 1 ', 'LINE 1 '))
  })

  test('renamed to two names: ours stays, the text is merged, and the names are listed once', async () => {
    const linked = await world.shared({ 'a.md': long })
    await linked.project.move(world.ana, await linked.idOf('a.md'), 'ours.md')
    linked.remote.move('a.md', 'theirs.md')
    linked.remote.commit({ 'theirs.md': long.replace('line 9', 'LINE 9') })
    await linked.merged()
    expect(await linked.paths()).toEqual(['ours.md'])
    expect(await linked.text('ours.md')).toBe(long.replace('line 9', 'LINE 9'))
    expect(await linked.conflicts()).toMatchObject([{ what: 'both-renamed' }])
  })

  test('binary files that both changed: ours stays and is listed', async () => {
    const linked = await world.shared({ 'a.png': binary })
    await linked.project.remove(world.ana, await linked.idOf('a.png'))
    await linked.project.upload(world.ana, 'a.png', Buffer.from([0, 9]))
    linked.remote.commit({ 'a.png': Buffer.from([0, 8]) })
    await linked.merged()
    expect((await linked.project.committed()).get('a.png')).toEqual(Buffer.from([0, 9]))
    expect(await linked.conflicts()).toHaveLength(1)
  })

  test('a name that ours has taken: theirs gets a free one beside, and it is listed', async () => {
    const linked = await world.shared({ 'x.md': 'X\n' })
    await linked.project.create(world.ana, 'Notes.md', 'ours\n')
    linked.remote.commit({ 'notes.md': 'theirs\n' })
    await linked.merged()
    const paths = await linked.paths()
    expect(paths).toHaveLength(3)
    expect(paths).toContain('Notes.md')
    expect(await linked.conflicts()).toMatchObject([{ kind: 'file', what: 'path-twin' }])
  })

  test('PL4: theirs edits a file and adds its twin in one go: the open text stays, and the newcomer lies beside it', async () => {
    const linked = await world.shared({ 'README.md': 'one\ntwo\nthree\n' })
    const before = (await linked.project.documents()).get('README.md')
    await linked.edit(ana, 'README.md', (text) => text.replace('three', 'THREE'))
    linked.remote.commit({ 'README.md': 'ONE\ntwo\nthree\n', 'readme.md': 'the twin\n' })
    await linked.merged()
    expect((await linked.project.documents()).get('README.md')).toEqual(before)
    expect(await linked.text('README.md')).toBe('ONE\ntwo\nTHREE\n')
    expect(await linked.text('readme (GitHub).md')).toBe('the twin\n')
    expect(await linked.paths()).toEqual(['README.md', 'readme (GitHub).md'])
    expect(await linked.conflicts()).toMatchObject([{ kind: 'file', what: 'path-twin' }])
  })
})
