/** The colours of people in a project, by order of joining, so that a person has the same one on every screen and every day. */

import type { ActorKey, ProjectId, WorkspaceId } from '@skein/protocol'
import type { Tx } from '../transaction.ts'

/** Size of the presence palette. */
const coloursMax = 10

/** The colours (1–10) of people in the project; given now to those who have none. */
export async function claimColours(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  actors: readonly ActorKey[],
): Promise<Map<ActorKey, number>> {
  // One after the other, so that two who join at once get two colours; who has one already does not wait for long.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`colours ${project.projectId}`])
  const rows = await tx.query<{ actor: ActorKey; colour: number }>(
    `with known as (
       select actor, colour from project_colour where project_id = $1 and actor = any($3)
     ), claimed as (
       insert into project_colour (project_id, workspace_id, actor, colour)
       select $1, $2, new.actor, 1 + ((select count(*) from project_colour where project_id = $1) + new.n - 1)::int % $4
       from unnest($3::text[]) with ordinality as new (actor, n) where new.actor not in (select actor from known)
       on conflict do nothing returning actor, colour
     )
     select actor, colour from known union all select actor, colour from claimed`,
    [project.projectId, project.workspaceId, actors, coloursMax],
  )
  return new Map(rows.map(({ actor, colour }) => [actor, colour]))
}
