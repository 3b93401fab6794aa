import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../testing/database.ts'
import { listDirtyProjects } from './snapshot.ts'

const { database, ask } = await createTestDatabase()

/** A project with one uncommitted file that has waited for so many minutes. */
async function dirtyProject(minutes: number): Promise<{ projectId: string; workspaceId: string }> {
  const [workspaceId, projectId, fileId] = [randomUUID(), randomUUID(), randomUUID()]
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspaceId, `w-${workspaceId}`])
  await ask(
    `insert into project (id, workspace_id, slug, name, state, source, created_by)
     values ($1, $2, 'p', 'P', 'ready', 'empty', 'skein')`,
    [projectId, workspaceId],
  )
  await ask(
    `insert into file (id, workspace_id, project_id, path, path_key, kind, created_by, changed_by)
     values ($1, $2, $3, 'a', 'a', 'text', 'skein', 'skein')`,
    [fileId, workspaceId, projectId],
  )
  await ask(
    `insert into dirty_file (file_id, project_id, owner_workspace, since)
     values ($1, $2, $3, now() - $4 * interval '1 minute')`,
    [fileId, projectId, workspaceId, minutes],
  )
  return { projectId, workspaceId }
}

test('SN1: projects that are deleted or not ready keep no other from being committed', async () => {
  const [deleted, importing, oldest, newest] = [
    await dirtyProject(40),
    await dirtyProject(30),
    await dirtyProject(20),
    await dirtyProject(10),
  ]
  await ask(`update project set deleted_at = now(), deleted_by = 'skein' where id = $1`, [deleted.projectId])
  await ask(`update project set state = 'importing' where id = $1`, [importing.projectId])
  expect(await listDirtyProjects(database.instance, 1)).toEqual([oldest])
  expect(await listDirtyProjects(database.instance, 10)).toEqual([oldest, newest])
})
