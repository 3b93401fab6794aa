/** Changing who is in a workspace, and as what. Changes of one workspace happen one after the other, so the last owner cannot slip out. */
import { type Database, memberQueries, type Tx, workspaceQueries } from '@skein/db'
import type { Role, UserId, WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { notFound } from '../../policies/authorise.ts'
import { checkMemberChange } from '../../policies/membership.ts'
import { requireWorkspace } from '../access.ts'
import type { EventHub } from '../event-hub.ts'

export interface MembersDeps {
  db: Database
  events: Pick<EventHub, 'record'>
}

/** All members of a workspace, in the order in which they joined. */
export async function listMembers(db: Database, actor: Actor, reference: string): Promise<memberQueries.MemberRow[]> {
  const { id } = await requireWorkspace(db.instance, actor, reference, 'read-workspace')
  return db.inWorkspace(id, (tx) => memberQueries.listMembers(tx, id), { readOnly: true })
}

/** Gives a member another role; their open documents follow at once. Returns the member as they are now. */
export async function changeMemberRole(
  deps: MembersDeps,
  actor: Actor,
  reference: string,
  user: UserId,
  role: Role,
): Promise<memberQueries.MemberRow> {
  const workspaceId = await changeMember(deps, actor, reference, user, role)
  const members = await deps.db.inWorkspace(workspaceId, (tx) => memberQueries.listMembers(tx, workspaceId), {
    readOnly: true,
  })
  const changed = members.find((member) => member.userId === user)
  if (!changed) throw notFound('member')
  return changed
}

/** Takes a member out of a workspace, or lets the actor leave it; open documents close at once. */
export async function removeMember(deps: MembersDeps, actor: Actor, reference: string, user: UserId): Promise<void> {
  await changeMember(deps, actor, reference, user, null)
}

async function changeMember(
  deps: MembersDeps,
  actor: Actor,
  reference: string,
  user: UserId,
  to: Role | null,
): Promise<WorkspaceId> {
  const self = actor.userId === user
  const permission = self && to === null ? 'leave-workspace' : 'manage-members'
  const { id } = await requireWorkspace(deps.db.instance, actor, reference, permission)
  await deps.db.inWorkspace(id, async (tx) => {
    if (!(await workspaceQueries.lockWorkspace(tx, id))) throw notFound('workspace')
    // Read again under the lock: the roles may have changed since the door.
    const by = await memberQueries.findMemberRole(tx, id, actor.userId)
    const from = await memberQueries.findMemberRole(tx, id, user)
    if (!by) throw notFound('workspace')
    if (!from) throw notFound('member')
    if (from === to) return
    checkMemberChange({ by, self, from, to, owners: await memberQueries.countOwners(tx, id) })
    if (to) await memberQueries.updateMemberRole(tx, id, user, to)
    else await memberQueries.deleteMember(tx, id, user)
    await tellProjects(deps.events, tx, id)
  })
  return id
}

async function tellProjects(events: Pick<EventHub, 'record'>, tx: Tx, workspaceId: WorkspaceId): Promise<void> {
  for (const { id: projectId } of await workspaceQueries.listProjectNames(tx, workspaceId)) {
    await events.record(tx, { projectId, workspaceId }, { type: 'members' })
  }
}
