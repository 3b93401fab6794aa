/** Renaming and deleting a workspace. */
import { type Database, jobQueries, workspaceQueries } from '@skein/db'
import { Refusal } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireWorkspace, type WorkspaceAccess } from '../access.ts'
import type { EventHub } from '../event-hub.ts'

/** Renames a workspace; its slug, which stands in addresses, stays. */
export async function renameWorkspace(
  db: Database,
  actor: Actor,
  reference: string,
  name: string,
): Promise<WorkspaceAccess> {
  const workspace = await requireWorkspace(db.instance, actor, reference, 'update-workspace')
  await db.inWorkspace(workspace.id, (tx) => workspaceQueries.renameWorkspace(tx, workspace.id, name))
  return { ...workspace, name }
}

export interface DeleteWorkspaceDeps {
  db: Database
  events: Pick<EventHub, 'record'>
}

/** Deletes a workspace and all in it for everybody. `name` must be its name, typed by whoever asks; a personal workspace stays. */
export async function deleteWorkspace(
  { db, events }: DeleteWorkspaceDeps,
  actor: Actor,
  reference: string,
  name: string,
): Promise<void> {
  const workspace = await requireWorkspace(db.instance, actor, reference, 'delete-workspace')
  if (workspace.personal) {
    throw new Refusal('forbidden', 'A personal workspace goes with its account and cannot be deleted.', {
      hint: 'Delete the projects in it instead.',
    })
  }
  if (name !== workspace.name) {
    throw new Refusal(
      'invalid-request',
      `Nothing was deleted: the workspace is named “${workspace.name}”, not “${name}”.`,
      {
        hint: 'Type the name of the workspace exactly.',
      },
    )
  }
  await db.inWorkspace(workspace.id, async (tx) => {
    const names = await workspaceQueries.listProjectNames(tx, workspace.id)
    for (const { id: projectId, name } of names) {
      await jobQueries.cancelJobsOf(tx, projectId)
      await events.record(tx, { projectId, workspaceId: workspace.id }, { type: 'project', name, state: 'deleted' })
    }
    await workspaceQueries.deleteWorkspace(tx, workspace.id)
  })
}
