/**
 * Renaming and deleting a project. Its address stays when it is renamed; deleting it takes everybody out of it within
 * seconds, because the row itself announces it (migration 0017).
 */
import { type Database, jobQueries, projectQueries } from '@skein/db'
import { personToActorKey } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import type { ProjectKey, RecordEvent } from '../event-hub.ts'

export interface ChangeProjectDeps {
  db: Database
  record: RecordEvent
}

export async function renameProject(deps: ChangeProjectDeps, project: ProjectKey, name: string): Promise<void> {
  await deps.db.inWorkspace(project.workspaceId, async (tx) => {
    const state = await projectQueries.renameProject(tx, project.projectId, name)
    if (!state) throw notFound('project')
    await deps.record(tx, project, { type: 'project', name, state })
  })
}

/** Takes the project away from everybody. Its rows stay, so that an operator can bring it back. */
export async function deleteProject(deps: ChangeProjectDeps, project: ProjectKey, actor: Actor): Promise<void> {
  await deps.db.inWorkspace(project.workspaceId, async (tx) => {
    const name = await projectQueries.deleteProject(tx, project.projectId, personToActorKey(actor.userId))
    if (name === null) throw notFound('project')
    await jobQueries.cancelJobsOf(tx, project.projectId)
    await deps.record(tx, project, { type: 'project', name, state: 'deleted' })
  })
}
