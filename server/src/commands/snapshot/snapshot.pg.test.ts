import { expect, test } from 'vitest'
import { createSnapshotWorld } from './testing/snapshot-world.ts'

const world = await createSnapshotWorld()
const ana = await world.person('Ana')
const ben = await world.person('Ben')

test('SN2: a commit of live texts, uploads, links and modes has exactly their bytes', async () => {
  const project = await world.project()
  const { documentId } = await project.create(ana, 'notes/one.md', 'One\n')
  await project.create(ben, 'run.sh', '#!/bin/sh\r\n', true)
  await project.upload(ben, 'logo.png', Buffer.from([0, 1, 2, 255]))
  await project.link(ana, 'latest', 'notes/one.md')
  await project.type(ana, documentId, 'two\n', 'three\n')
  const commit = await project.snapshot()
  expect(commit).toMatchObject({ parents: [], kind: 'snapshot', author: { name: 'Ana', userId: ana.userId } })
  expect(await project.head()).toBe(commit?.oid)
  expect(await project.fsck()).toBe('')
  expect(await project.committed()).toEqual(
    new Map([
      ['latest', Buffer.from('notes/one.md')],
      ['logo.png', Buffer.from([0, 1, 2, 255])],
      ['notes/one.md', Buffer.from('One\ntwo\nthree\n')],
      ['run.sh', Buffer.from('#!/bin/sh\r\n')],
    ]),
  )
  expect(await project.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'HEAD')).toBe(
    '120000 latest\n100644 logo.png\n100644 notes/one.md\n100755 run.sh',
  )
  expect(await project.dirty()).toEqual([])
})
