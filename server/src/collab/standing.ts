/**
 * What somebody was let in by, and into what: kept for as long as their socket is open, so that it can be told which sockets a change of
 * rights concerns, and looked at again when such a change may have been missed.
 */
import { accessQueries, accountQueries, type Sql, tokenQueries } from '@skein/db'
import type { ProjectId, Role, TokenId, UserId, WorkspaceId } from '@skein/protocol'
import { z } from 'zod'
import type { Actor } from '../policies/actor.ts'
import { reaches } from '../policies/authorise.ts'
import { can, scopeOf } from '../policies/permissions.ts'

export interface Standing {
  actor: Actor
  /** The browser session behind a ticket; null when it was an API token. */
  sessionId: string | null
  /** Null: known by now, but not let into anything yet. */
  into: { projectId: ProjectId; workspaceId: WorkspaceId; isReadOnly: boolean } | null
}

/** A change of rights, as it announces itself (migration 0017). */
const Change = z.discriminatedUnion('is', [
  z.object({ is: z.literal('member'), id: z.string(), user: z.string() }),
  z.object({ is: z.enum(['token', 'session', 'person', 'project', 'workspace']), id: z.string() }),
])
export type Change = z.infer<typeof Change>

/** What a notice says; null for one that this version does not know. */
export function readChange(payload: string): Change | null {
  try {
    return Change.parse(JSON.parse(payload))
  } catch {
    return null
  }
}

/** Whether the change takes, or gives, something to whoever stands there. */
export function isConcerned({ actor, sessionId, into }: Standing, change: Change): boolean {
  switch (change.is) {
    case 'member':
      return actor.userId === change.user && into?.workspaceId === change.id
    case 'token':
      return actor.token?.id === change.id
    case 'session':
      return sessionId === change.id
    case 'person':
      return actor.userId === change.id
    case 'project':
      return into?.projectId === change.id
    case 'workspace':
      return into?.workspaceId === change.id
  }
}

/** Whether the actor may read only, with this role and with what came with their token. */
export const readsOnly = (actor: Actor, role: Role): boolean =>
  !(can(role, 'write-documents') && hasScope(actor, 'write-documents'))

const hasScope = ({ token }: Actor, permission: 'read-documents' | 'write-documents'): boolean =>
  token === null || token.scopes.includes(scopeOf(permission))

/** Those whose rights are not what they were when they were let in. `sql` is `db.instance`; at most some hundreds at a time. */
export async function findFallen(sql: Sql, standings: readonly Standing[]): Promise<Standing[]> {
  const tokenIds = new Set<TokenId>()
  const sessionIds = new Set<string>()
  const pairs: { userId: UserId; projectId: ProjectId }[] = []
  for (const { actor, sessionId, into } of standings) {
    if (actor.token) tokenIds.add(actor.token.id)
    else if (sessionId !== null) sessionIds.add(sessionId)
    if (into) pairs.push({ userId: actor.userId, projectId: into.projectId })
  }
  const [tokens, sessions, roles] = await Promise.all([
    tokenIds.size > 0 ? tokenQueries.listGoodTokens(sql, [...tokenIds]) : [],
    sessionIds.size > 0 ? accountQueries.listLiveSessions(sql, [...sessionIds]) : [],
    pairs.length > 0 ? accessQueries.listRoles(sql, pairs) : [],
  ])
  const tokensById = new Map(tokens.map((token) => [token.id, token]))
  const liveSessions = new Set(sessions)
  const rolesByPair = new Map(roles.map(({ userId, projectId, role }) => [`${userId} ${projectId}`, role]))

  const isStanding = ({ actor, sessionId, into }: Standing): boolean => {
    const token = actor.token && (tokensById.get(actor.token.id) ?? null)
    if (actor.token ? !token : sessionId === null || !liveSessions.has(sessionId)) return false
    if (!into) return true
    const now = { ...actor, token }
    const role = rolesByPair.get(`${actor.userId} ${into.projectId}`)
    if (!role || !reaches(now, into.workspaceId) || !hasScope(now, 'read-documents')) return false
    return readsOnly(now, role) === into.isReadOnly
  }
  return standings.filter((standing) => !isStanding(standing))
}
