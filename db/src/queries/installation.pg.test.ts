import { randomUUID } from 'node:crypto'
import type { WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../testing/database.ts'
import { claimInstallation, findQuota } from './github-link.ts'
import { recordQuota } from './installation.ts'

const { database, ask } = await createTestDatabase()

test('GS13: what GitHub says is left of its API is kept for each installation, the last word counts', async () => {
  const workspace = randomUUID() as WorkspaceId
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspace, `w-${workspace}`])
  for (const installation of [1, 2]) {
    await database.inWorkspace(workspace, (tx) => claimInstallation(tx, installation, workspace))
  }
  const resetsAt = new Date('2026-03-01T12:00:00Z')
  await recordQuota(database.instance, 1, { left: 4999, limit: 5000, resetsAt: null })
  await recordQuota(database.instance, 1, { left: 4998, limit: 5000, resetsAt })
  await recordQuota(database.instance, 3, { left: 1, limit: 5000, resetsAt })
  const quotas = await Promise.all([1, 2, 3].map((installation) => findQuota(database.instance, installation)))
  expect(quotas).toEqual([
    { quotaLeft: 4998, quotaLimit: 5000, quotaResetsAt: resetsAt },
    { quotaLeft: null, quotaLimit: null, quotaResetsAt: null },
    null,
  ])
})
