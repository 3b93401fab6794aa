import * as fs from 'node:fs'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import isomorphicGit from 'isomorphic-git'
import { afterAll, expect, test } from 'vitest'
import { encodeCommit } from './commit.ts'
import { encodeObject, type GitObject } from './object.ts'
import { encodePack } from './pack.ts'
import { makeScratchRepository } from './testing/scratch-repository.ts'
import { editTree } from './tree-edit.ts'

const repository = makeScratchRepository()
afterAll(repository.remove)

const blobs = fc
  .array(fc.uint8Array({ maxLength: 5000, size: 'max' }), { minLength: 1, maxLength: 20 })
  .map((bodies) => bodies.map((body) => encodeObject('blob', body)))

test('PK1: git accepts the pack, and its index is the one that git makes, byte for byte (property)', async () => {
  await fc.assert(
    fc.asyncProperty(blobs, async (objects) => {
      const { sha, pack, index } = await encodePack(objects)
      repository.git(['index-pack', '--strict', '--stdin'], pack)
      expect(index).toEqual(readFileSync(join(repository.directory, `objects/pack/pack-${sha}.idx`)))
    }),
    { numRuns: 25, seed: 22 },
  )
})

test('PK2: order and repetition of the objects do not show in the bytes (property)', async () => {
  await fc.assert(
    fc.asyncProperty(blobs, async (objects) => {
      const once = await encodePack(objects)
      expect(await encodePack([...objects, ...objects.toReversed()])).toEqual(once)
    }),
    { numRuns: 25, seed: 23 },
  )
})

test('PK3: sizes around every length of the entry head survive', async () => {
  const sizes = [0, 1, 15, 16, 17, 2047, 2048, 2049, 262_143, 262_144, 40_000_000]
  const objects = sizes.map((size) => encodeObject('blob', Buffer.alloc(size, 0x61)))
  repository.addPack(await encodePack(objects))
  for (const object of objects) {
    expect(Number(repository.git(['cat-file', '-s', object.oid]))).toBe(object.body.length)
  }
})

test('PK4: a commit built here is read by git and by isomorphic-git alike, and fsck is content', async () => {
  const file = encodeObject('blob', Buffer.from('hello\r\n'))
  const change = { path: Buffer.from('docs/héllo.txt'), entry: { mode: 0o100644, oid: file.oid } }
  const edit = await editTree(null, [change], () => new Uint8Array())
  const by = { name: 'Zoë', email: 'zoe@example.com', atMs: 1_700_000_000_999 }
  const commit = encodeCommit({ tree: edit.oid, parents: [], author: by, committer: by, message: 'First\n' })
  const objects: GitObject[] = [file, ...edit.trees, commit]
  repository.addPack(await encodePack(objects))
  repository.git(['update-ref', 'refs/heads/main', commit.oid])
  expect(repository.git(['fsck', '--strict', '--no-dangling']).toString()).toBe('')
  expect(repository.git(['cat-file', 'blob', 'main:docs/héllo.txt']).toString()).toBe('hello\r\n')
  const [entry] = await isomorphicGit.log({ fs, gitdir: repository.directory, ref: 'main' })
  expect(entry).toMatchObject({
    oid: commit.oid,
    commit: {
      tree: edit.oid,
      message: 'First\n',
      author: { name: 'Zoë', timestamp: 1_700_000_000, timezoneOffset: 0 },
    },
  })
})
