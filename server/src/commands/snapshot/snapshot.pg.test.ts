import { SKEIN } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { compactDocument } from '../history/compact-document.ts'
import { createSnapshotWorld, killAt, moveBranchAway } from './testing/snapshot-world.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const ben = await world.person('Ben')
const text = (content: string) => Buffer.from(content)

describe('SN1: the cut', () => {
  test('SN1: what is typed or moved after the cut is in the next commit, and waits from the cut on', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'before\n')
    const first = await project.snapshot(
      {},
      {
        onStep: async (step) => {
          if (step !== 'cut') return
          await project.type(ben, file.documentId, 'after\n')
          await project.move(ben, file.id, 'moved.md')
        },
      },
    )
    expect(await project.committed()).toEqual(new Map([['one.md', text('One\nbefore\n')]]))
    const [{ since } = { since: new Date(0) }] = await project.dirty()
    expect(since.toISOString() >= (first?.committedAt ?? '')).toBe(true)
    await project.snapshot()
    expect(await project.committed()).toEqual(new Map([['moved.md', text('One\nbefore\nafter\n')]]))
  })

  test('SN1: the same cut makes the same commit after a kill, whatever has changed since', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    let built = ''
    const note = {
      objects: { ...world.deps.objects, readObject: world.store.readObject.bind(world.store), noteObjects: () => {} },
    }
    await expect(project.snapshot({}, { ...note, ...killAt('stored') })).rejects.toThrow('killed')
    const [row] = await project.ask<{ sha: string }>(
      `select sha from pack_chunk c where project_id = $1 and not exists (select from pack p where p.sha = c.sha)`,
    )
    built = row?.sha ?? ''
    await world.test.ask('update auth."user" set name = $2 where id = $1', [ana.userId, 'Somebody Else'])
    await project.type(ben, file.documentId, 'three\n')
    await project.remove(ben, file.id)
    await project.snapshot()
    await world.test.ask('update auth."user" set name = $2 where id = $1', [ana.userId, 'Ana'])
    expect(await project.ask('select sha from pack where project_id = $1 order by gen')).toContainEqual({ sha: built })
    expect(await project.git('log', '--format=%an %s')).toBe('Ben Delete one.md\nAna Update one.md\nAna Add one.md')
    expect(await project.git('show', 'HEAD~1:one.md')).toBe('One\ntwo')
  })

  test('SN1: a text is made from its rows also when none stands ready, and stands ready afterwards', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'a', 'b', 'c')
    await project.snapshot()
    expect(await project.committed()).toEqual(new Map([['one.md', text('One\nabc')]]))
    const kept = await world.test.ask('select text, text_seq from document_state where document_id = $1', [
      file.documentId,
    ])
    expect(kept).toEqual([{ text: 'One\nabc', text_seq: '3' }])
  })

  test('SN1, DL8: a cut is made true to its updates when compaction has gone beyond it since, authors included', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ben, file.documentId, 'two\n', 'three\n')
    await expect(project.snapshot({}, killAt('cut'))).rejects.toThrow('killed')
    await project.type(ana, file.documentId, 'four\n')
    expect(await compactDocument(world.test.database, file.documentId)).toMatchObject({ outcome: 'compacted', rows: 3 })
    await project.snapshot()
    expect(await project.git('log', '--format=%an %s', '-2')).toBe('Ana Update one.md\nBen Update one.md')
    expect(await project.git('show', 'HEAD~1:one.md')).toBe('One\ntwo\nthree')
    expect(await project.committed()).toEqual(new Map([['one.md', text('One\ntwo\nthree\nfour\n')]]))
  })

  test('SN1, QR2: a damaged row is set aside before a commit could hold what nobody has written', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await world.test.ask(
      `update document_update set payload = set_byte(payload, octet_length(payload) - 3, 65) where document_id = $1`,
      [file.documentId],
    )
    await project.snapshot()
    expect(await project.committed()).toEqual(new Map([['one.md', text('One\n')]]))
    const aside = await world.test.ask(`select 1 from document_quarantine where kind = 'update' and document_id = $1`, [
      file.documentId,
    ])
    expect(aside).toHaveLength(1)
  })

  test('SN1: a cut that its rows do not reach back to any more is given up, and nothing is lost', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await expect(project.snapshot({}, killAt('cut'))).rejects.toThrow('killed')
    await project.type(ana, file.documentId, 'three\n')
    await world.test.ask('delete from document_update where document_id = $1', [file.documentId])
    await world.test.ask(
      `update document_state set text = 'compacted', text_seq = 2, upto_seq = 2 where document_id = $1`,
      [file.documentId],
    )
    await project.snapshot()
    expect(await project.committed()).toEqual(new Map([['one.md', text('compacted')]]))
    expect(await project.ask('select state from snapshot where project_id = $1 order by cut')).toEqual([
      { state: 'done' },
      { state: 'abandoned' },
      { state: 'done' },
    ])
  })

  test('SN1: a cut whose content is gone is given up', async () => {
    const project = await world.project()
    const upload = await project.upload(ana, 'x.bin', Buffer.from([0, 7]))
    await expect(project.snapshot({}, killAt('cut'))).rejects.toThrow('killed')
    await project.remove(ana, upload)
    await world.test.ask('delete from blob where workspace_id = $1', [project.key.workspaceId])
    expect(await project.snapshot()).toBe(null)
    expect(await project.ask('select state from snapshot where project_id = $1 order by cut')).toEqual([
      { state: 'abandoned' },
      { state: 'unchanged' },
    ])
  })
})

describe('SN2: the commit', () => {
  test('SN2: live texts, uploads, links and modes have exactly their bytes', async () => {
    const project = await world.project()
    const { documentId } = await project.create(ana, 'notes/one.md', 'One\n')
    await project.create(ben, 'run.sh', '#!/bin/sh\r\n', true)
    await project.upload(ben, 'logo.png', Buffer.from([0, 1, 2, 255]))
    await project.upload(ben, 'bom.txt', text('\ufeffa\r\nb\n'))
    await project.link(ana, 'latest', 'notes/one.md')
    await project.type(ana, documentId, 'two 😀\n', 'three\n')
    const commit = await project.snapshot()
    expect(await project.head()).toBe(commit?.oid)
    expect(await project.fsck()).toBe('')
    expect(await project.committed()).toEqual(
      new Map([
        ['bom.txt', text('\ufeffa\r\nb\n')],
        ['latest', text('notes/one.md')],
        ['logo.png', Buffer.from([0, 1, 2, 255])],
        ['notes/one.md', text('One\ntwo 😀\nthree\n')],
        ['run.sh', text('#!/bin/sh\r\n')],
      ]),
    )
    expect(await project.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'HEAD')).toBe(
      '100644 bom.txt\n120000 latest\n100644 logo.png\n100644 notes/one.md\n100755 run.sh',
    )
    expect(await project.dirty()).toEqual([])
  })

  test('SN2: renames, swaps, modes, deletions and a file in place of a folder come out as they are', async () => {
    const project = await world.project()
    const a = await project.create(ana, 'a', 'A\n')
    const b = await project.create(ana, 'b', 'B\n')
    const inner = await project.create(ana, 'folder/inner', 'I\n')
    await project.snapshot()
    await project.move(ana, a.id, 'c')
    await project.move(ana, b.id, 'a')
    await project.move(ana, a.id, 'b')
    await project.remove(ana, inner.id)
    await project.create(ana, 'folder', 'F\n')
    await project.makeExecutable(ana, b.id)
    await project.snapshot()
    expect(await project.committed()).toEqual(
      new Map([
        ['a', text('B\n')],
        ['b', text('A\n')],
        ['folder', text('F\n')],
      ]),
    )
    expect(await project.git('ls-tree', '--format=%(objectmode)', 'HEAD', 'a')).toBe('100755')
    expect(await project.fsck()).toBe('')
  })

  test('SN2: a pack holds what the base does not: one blob, the trees above it, the commit', async () => {
    const project = await world.project()
    for (const path of ['deep/er/one', 'deep/two', 'three']) await project.create(ana, path, path)
    await project.snapshot()
    const files = await project.documents()
    await project.type(ana, files.get('deep/er/one')?.documentId as never, '!')
    await project.snapshot()
    const objects = await project.git('rev-list', '--objects', '--no-object-names', 'HEAD~1..HEAD')
    expect(objects.split('\n')).toHaveLength(5)
    const [{ count } = { count: 0 }] = await project.ask<{ count: number }>(
      `select (index_bytes - 1072) / 28 as count from pack where project_id = $1 order by gen desc limit 1`,
    )
    expect(Number(count)).toBe(5)
  })

  test('SN2 SN3: content beyond one pack is written in several, and none needs more than a chunk of 8 MiB', async () => {
    const project = await world.project()
    const contents = [1, 2, 3].map((n) => Buffer.alloc(30 * 1024 * 1024, Buffer.from([0, n, n * 7, 99 - n, n * n])))
    for (const [n, content] of contents.entries()) await project.upload(ana, `${n}.bin`, content)
    await project.snapshot()
    const packs = await project.ask('select sha from pack where project_id = $1')
    expect(packs).toHaveLength(4)
    const committed = await project.committed()
    for (const [n, content] of contents.entries()) expect(committed.get(`${n}.bin`)?.equals(content)).toBe(true)
  })
})

describe('SN3: packs before they are visible', () => {
  test('SN3: chunks of a snapshot that is given up are deleted', async () => {
    const { project, file, commit } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await project
      .snapshot(
        {},
        {
          onStep: async (step) => {
            if (step === 'stored') await moveBranchAway(world, project, commit?.oid ?? '')
          },
        },
      )
      .catch(() => null)
    const hidden = await project.ask(
      'select sha from pack_chunk c where project_id = $1 and not exists (select from pack p where p.sha = c.sha)',
    )
    expect(hidden).toEqual([])
  })
})

describe('SN7: nothing changed', () => {
  test('SN7: without a change there is no commit, and no cut', async () => {
    const { project } = await world.committedProject(ana)
    expect(await project.snapshot({ by: null, message: 'Please' })).toBe(null)
    expect(await project.ask('select 1 from snapshot where project_id = $1')).toHaveLength(1)
  })

  test('SN7: a change that was taken back makes no commit, and is not looked at again', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.type(ana, file.documentId, 'two\n')
    await project.edit(SKEIN, file.documentId, (live) => live.delete(4, 4))
    const { id } = await project.create(ana, 'never.md', 'x')
    await project.remove(ana, id)
    expect(await project.snapshot()).toBe(null)
    expect(await project.dirty()).toEqual([])
    expect(await project.ask('select state from snapshot where project_id = $1 order by cut')).toEqual([
      { state: 'done' },
      { state: 'unchanged' },
    ])
  })

  test('SN7: late edits of a file in the trash change no commit', async () => {
    const { project, file } = await world.committedProject(ana)
    await project.remove(ana, file.id)
    await project.type(ben, file.documentId, 'late\n')
    await project.snapshot()
    await project.type(ben, file.documentId, 'later\n')
    expect(await project.snapshot()).toBe(null)
    expect(await project.dirty()).toEqual([])
    expect(await project.git('ls-tree', 'HEAD')).toBe('')
  })

  test('SN7: a project without anything has no commit', async () => {
    expect(await (await world.project()).snapshot()).toBe(null)
  })
})
