/** The colours of people in a project, by order of joining, so that a person has the same one on every screen and every day. */

import type { ActorKey, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Tx } from '../transaction.ts'

/** Size of the presence palette. */
const coloursMax = 10

/** The person's colour (1–10) in the project; given now if they have none. */
export async function claimColour(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  actor: ActorKey,
): Promise<number> {
  // One after the other, so that two who join at once get two colours; who has one already does not wait for long.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`colours ${project.projectId}`])
  const [row] = await tx.query<{ colour: number }>(
    `with claimed as (
       insert into project_colour (project_id, workspace_id, actor, colour)
       select $1, $2, $3, 1 + (select count(*) from project_colour where project_id = $1)::int % $4
       on conflict do nothing returning colour
     )
     select colour from claimed union all select colour from project_colour where project_id = $1 and actor = $3`,
    [project.projectId, project.workspaceId, actor, coloursMax],
  )
  return row?.colour ?? 1
}
