/** What theirs makes something else of, while people here have it open or have never committed it, is not replaced: it goes to the trash. */
import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@skein/db/testing'
import { type DocumentId, type FileId, type OverlapPolicy, personToActorKey } from '@skein/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { startCollab } from '../../collab/testing/server.ts'
import { buildPullWorld, killPullAt, type LinkedProject } from './testing/pull-world.ts'

const database = await createTestDatabase()
const collab = await startCollab(database.database)
const documents = collab.collab.liveDocuments
const world = await buildPullWorld(database, documents)
const ana = world.ana.userId
afterAll(async () => {
  await collab.stop()
  await world.close()
})

const policy = (linked: LinkedProject, overlaps: OverlapPolicy) =>
  linked.project.ask(`update github_link set overlap_policy = '${overlaps}' where project_id = $1`)

const trash = (linked: LinkedProject) =>
  linked.project.ask<{ id: FileId; path: string; documentId: DocumentId | null; hasBlob: boolean }>(
    `select id, path, document_id as "documentId", blob_sha256 is not null as "hasBlob" from file
     where project_id = $1 and deleted_at is not null`,
  )

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 7\n`

describe('PL11: what theirs makes something else of takes its text to the trash,', () => {
  const ways = {
    binary: (linked: LinkedProject) => linked.remote.commit({ 'a.md': Buffer.from([0, 1, 2]) }),
    'pointer of LFS': (linked: LinkedProject) => linked.remote.commit({ 'a.md': pointer }),
    symlink: (linked: LinkedProject) => {
      linked.remote.stage('120000', linked.remote.putBlob('k.md'), Buffer.from('a.md'))
      linked.remote.git('commit', '-q', '-m', 'a link')
    },
  }
  test.each(Object.keys(ways) as (keyof typeof ways)[])('a %s, with what is typed afterwards', async (way) => {
    const linked = await world.shared({ 'a.md': 'a\n', 'k.md': 'k\n' })
    const documentId = (await linked.project.documents()).get('a.md')?.documentId as DocumentId
    const before = (await documents.read([documentId])).get(documentId)
    ways[way](linked)
    await expect(linked.pull({}, killPullAt('tree'))).rejects.toThrow('killed')
    await linked.resume()
    const written = await documents.write({
      document: documentId,
      writer: { actor: personToActorKey(ana), run: randomUUID() },
      read: before?.revision ?? null,
      wanted: { text: 'a\ntyped\n' },
      waitMs: 0,
      isRetry: false,
      checkRight: async () => {},
    })
    expect(written.outcome).toBe('written')
    expect(await trash(linked)).toMatchObject([{ path: 'a.md', documentId }])
    expect((await documents.read([documentId])).get(documentId)?.text).toBe('a\ntyped\n')
    expect(await linked.paths()).toEqual(['a.md', 'k.md'])
    expect(await linked.conflicts()).toEqual([])
    await linked.project.snapshot()
    expect(await linked.tree(await linked.project.git('rev-parse', 'HEAD'))).toBe(
      linked.remote.git('ls-tree', '-r', '--full-tree', 'HEAD'),
    )
  })
})

describe('PL11: a policy for theirs gives up nothing that no commit holds:', () => {
  test('a text', async () => {
    const linked = await world.shared({ 'a.md': 'a\n', 'k.md': 'k\n' })
    await policy(linked, 'theirs')
    await linked.edit(ana, 'a.md', () => 'typed for an hour\n')
    linked.remote.commit({ 'a.md': Buffer.from([0, 1, 2]) })
    await linked.merged()
    const [given] = await trash(linked)
    const text = given?.documentId && (await documents.read([given.documentId])).get(given.documentId)?.text
    expect(text).toBe('typed for an hour\n')
    expect(await told(linked)).toEqual([{ fileId: await linked.idOf('a.md'), ours: given?.id, choice: 'theirs' }])
  })

  test('an upload', async () => {
    const linked = await world.shared({ 'k.md': 'k\n' })
    await policy(linked, 'theirs')
    await linked.project.upload(world.ana, 'p.bin', Buffer.from([0, 9, 9]))
    linked.remote.commit({ 'p.bin': Buffer.from([0, 2]) })
    await linked.merged()
    const [given] = await trash(linked)
    expect(given).toMatchObject({ path: 'p.bin', hasBlob: true })
    expect(await told(linked)).toEqual([{ fileId: await linked.idOf('p.bin'), ours: given?.id, choice: 'theirs' }])
    expect((await linked.project.committed()).get('p.bin')).toEqual(Buffer.from([0, 2]))
  })

  const told = (linked: LinkedProject) =>
    linked.project.ask(`select file_id as "fileId", ours->>'file' as ours, choice from conflict where project_id = $1`)
})
