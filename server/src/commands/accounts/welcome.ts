/** What happens to an account right after its sign-up: a workspace of its own, and a demo project in it that invites to type. */
import { type Database, instanceQueries } from '@skein/db'
import type { ProjectId, UserId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireWorkspace, type WorkspaceAccess } from '../access.ts'
import { ensurePersonalWorkspace } from '../workspaces/create-workspace.ts'

export interface WelcomeDeps {
  db: Database
  /** Makes the demo project in a workspace of the actor. */
  createDemoProject: (actor: Actor, workspace: WorkspaceAccess) => Promise<{ id: ProjectId }>
  /** Told when the demo project could not be made; the account is good without it. */
  logFault: (error: unknown) => void
}

/**
 * Makes what a new account needs; the first one of an instance becomes its admin. May be called again: what is there stays, and
 * `projectId` is null when no demo project was made.
 */
export async function welcomeAccount(
  { db, createDemoProject, logFault }: WelcomeDeps,
  account: { userId: UserId; name: string; email: string },
): Promise<{ workspace: WorkspaceAccess; projectId: ProjectId | null }> {
  await instanceQueries.claimInstanceAdmin(db.instance, account.userId)
  const actor: Actor = { ...account, token: null }
  const { workspace: row, isNew } = await ensurePersonalWorkspace(db, account)
  const workspace = await requireWorkspace(db.instance, actor, row.id, 'read-workspace')
  if (!isNew) return { workspace, projectId: null }
  try {
    return { workspace, projectId: (await createDemoProject(actor, workspace)).id }
  } catch (error) {
    logFault(error)
    return { workspace, projectId: null }
  }
}
