import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '@skein/db/testing'
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { blobStoreContract } from '../../commands/blob-store.contract.ts'
import { createPostgresBlobStore } from './postgres-blob-store.ts'

const { database, ask } = await createTestDatabase()
const store = createPostgresBlobStore(database)
const workspaces = [randomUUID(), randomUUID()] as [WorkspaceId, WorkspaceId]
for (const id of workspaces) await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [id, `w-${id}`])

blobStoreContract(async () => ({
  store,
  workspaces,
  age: async () => {
    await ask(`update blob set created_at = now() - interval '3 days'`)
  },
}))

test('old content that no file names is swept by those that follow; what is named, young or put again stays', async () => {
  const [workspace] = workspaces
  const put = (text: string) => store.put(workspace, new TextEncoder().encode(text))
  const [gone, named, again, young] = [await put('gone'), await put('named'), await put('again'), await put('young')]
  await ask(`update blob set created_at = now() - interval '3 days' where sha256 = any($1)`, [
    [gone, named, again].map((sha256) => Buffer.from(sha256)),
  ])
  const project = randomUUID()
  await ask(`insert into project (id, workspace_id, slug, name, created_by) values ($1, $2, 'p', 'P', 'skein')`, [
    project,
    workspace,
  ])
  await ask(
    `insert into file (workspace_id, project_id, path, path_key, kind, blob_sha256, created_by, changed_by, deleted_at)
     values ($1, $2, 'a', 'a', 'binary', $3, 'skein', 'skein', now())`,
    [workspace, project, Buffer.from(named)],
  )
  await put('again')
  const kept = await Promise.all([gone, named, again, young].map((sha256) => store.get(workspace, sha256)))
  expect(kept.map((content) => content && Buffer.from(content).toString())).toEqual([null, 'named', 'again', 'young'])
})
