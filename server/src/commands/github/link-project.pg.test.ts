/** Who may link a repository of an installation that belongs to no workspace yet. */
import { randomUUID } from 'node:crypto'
import { instanceQueries } from '@skein/db'
import type { TokenId } from '@skein/protocol'
import { expect, test } from 'vitest'
import type { Actor } from '../../policies/actor.ts'
import { createSnapshotWorld } from '../snapshot/testing/snapshot-world.ts'
import { readLinkable } from './link-project.ts'

const world = await createSnapshotWorld()

test('GA9: without a proof only the admin of the instance links an installation, in person and not by an API token', async () => {
  const [ana, ben] = [await world.person('Ana'), await world.person('Ben')]
  await instanceQueries.claimInstanceAdmin(world.database.instance, ana.userId)
  const project = await world.project()
  const repository = { fullName: 'ana/notes', archived: false }
  const deps = {
    db: world.database,
    api: { readRepository: async () => ({ ok: true, value: repository }) as never },
    hasApp: async () => true,
    record: world.deps.recordEvent,
    isLocal: false,
  }
  const link = (actor: Actor) =>
    readLinkable(deps as never, project.key.workspaceId, actor, { installationId: 7, repositoryId: 1 } as never)
  const token = { id: randomUUID() as TokenId, scopes: ['projects:write' as const], workspaceId: null, expiresAt: null }
  await expect(link(ben)).rejects.toMatchObject({ name: 'Refusal' })
  await expect(link({ ...ana, token })).rejects.toMatchObject({ name: 'Refusal' })
  expect(await link(ana)).toEqual(repository)
})
