import { randomUUID } from 'node:crypto'
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../testing/database.ts'
import { renewBlob, sweepBlobs } from './blob.ts'

const { database, ask } = await createTestDatabase()

async function workspaceWithOldBlobs(...names: readonly Uint8Array[]): Promise<WorkspaceId> {
  const workspace = randomUUID() as WorkspaceId
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspace, `w-${workspace}`])
  for (const name of names) {
    await ask(
      `insert into blob (workspace_id, sha256, bytes, content, created_at)
       values ($1, $2, 1, 'x', now() - interval '3 days')`,
      [workspace, Buffer.from(name)],
    )
  }
  return workspace
}

test('a blob that is renewed while a sweep runs stays, and neither waits for the other', async () => {
  const [wanted, unneeded] = [Uint8Array.of(1), Uint8Array.of(2)]
  const workspace = await workspaceWithOldBlobs(wanted, unneeded)
  const swept = await database.inWorkspace(workspace, async (tx) => {
    expect(await renewBlob(tx, workspace, wanted)).toBe(true)
    return database.inWorkspace(workspace, (beside) => sweepBlobs(beside, workspace, 2, 20))
  })
  expect(swept).toBe(1)
  const left = await ask<{ sha256: Buffer }>('select sha256 from blob where workspace_id = $1', [workspace])
  expect(left.map(({ sha256 }) => [...sha256])).toEqual([[...wanted]])
})

test('a sweep takes no more than it is told to, the oldest first', async () => {
  const workspace = await workspaceWithOldBlobs(...Array.from({ length: 5 }, (_, n) => Uint8Array.of(n)))
  const sweep = (limit: number) => database.inWorkspace(workspace, (tx) => sweepBlobs(tx, workspace, 2, limit))
  expect([await sweep(3), await sweep(3), await sweep(3)]).toEqual([3, 2, 0])
})
