/** Making workspaces: one for every account at sign-up, others on demand. Whoever makes one is its owner. */
import { randomUUID } from 'node:crypto'
import { type Database, memberQueries, workspaceQueries } from '@skein/db'
import { Refusal, type UserId, type WorkspaceId } from '@skein/protocol'
import type { Actor } from '../../policies/actor.ts'
import { requireScope } from '../../policies/authorise.ts'
import { nameToSlug, slugCandidates } from '../slug.ts'

type WorkspaceRow = workspaceQueries.WorkspaceRow

/** Memberships with which a person may still make a workspace; a script that runs wild is stopped here. */
const WORKSPACES_MAX = 200

/** Makes a workspace with the actor as its owner. Its slug comes from the name. */
export async function createWorkspace(db: Database, actor: Actor, name: string): Promise<WorkspaceRow> {
  requireScope(actor, 'workspaces:write')
  if (actor.token?.workspaceId) {
    throw new Refusal('forbidden', 'This API token is made for one workspace and cannot make another.', {
      hint: 'Use a token for all workspaces, or make the workspace in the browser.',
    })
  }
  if ((await workspaceQueries.listWorkspacesOf(db.instance, actor.userId)).length >= WORKSPACES_MAX) {
    throw new Refusal(
      'quota-exceeded',
      `You are in ${WORKSPACES_MAX} workspaces, which is as many as one person may make.`,
      {
        hint: 'Delete or leave those that you do not need any more.',
      },
    )
  }
  const id = await insertOwned(db, actor.userId, { name, slug: nameToSlug(name, 'workspace'), isPersonal: false })
  const made = id && (await workspaceQueries.findWorkspaceOf(db.instance, actor.userId, id))
  if (!made) throw new Error(`No free slug was found for a workspace named ${name}`)
  return made
}

/** The person's personal workspace, made now when there is none; so a sign-up that was cut short is mended by the next sign-in. */
export async function ensurePersonalWorkspace(
  db: Database,
  person: { userId: UserId; name: string },
): Promise<{ workspace: WorkspaceRow; isNew: boolean }> {
  const present = await findPersonal(db, person.userId)
  if (present) return { workspace: present, isNew: false }
  const id = await insertOwned(db, person.userId, {
    name: person.name,
    slug: nameToSlug(person.name, 'home'),
    isPersonal: true,
  })
  const workspace = await findPersonal(db, person.userId)
  if (!workspace) throw new Error(`No personal workspace could be made for ${person.userId}`)
  return { workspace, isNew: id !== null }
}

async function findPersonal(db: Database, user: UserId): Promise<WorkspaceRow | undefined> {
  return (await workspaceQueries.listWorkspacesOf(db.instance, user)).find((workspace) => workspace.personal)
}

/** Null when every slug was taken, or somebody else made the personal workspace meanwhile. */
async function insertOwned(
  db: Database,
  owner: UserId,
  { name, slug: wanted, isPersonal }: { name: string; slug: string; isPersonal: boolean },
): Promise<WorkspaceId | null> {
  const id = randomUUID() as WorkspaceId
  return db.inWorkspace(id, async (tx) => {
    for (const slug of slugCandidates(wanted, id.slice(-6))) {
      const isMade = await workspaceQueries.insertWorkspace(tx, {
        id,
        slug,
        name,
        personalOf: isPersonal ? owner : null,
      })
      if (!isMade) continue
      await memberQueries.insertMember(tx, id, owner, 'owner')
      return id
    }
    return null
  })
}
