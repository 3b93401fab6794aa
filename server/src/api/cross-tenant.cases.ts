/**
 * One case for each route, for `src/cross-tenant.pg.test.ts`, which takes the routes from the router itself and fails for one that has none
 * here. The test calls the route with every mixture of the caller's own ids and another tenant's, and again with ids that never were in
 * the tenant's place: both answers must be the same 404, and nothing of the tenant may change.
 *
 * Path parameters fill themselves by their names (`PARAMS`); a case says what else the route needs. To add a route, add a line here: `{}` when it
 * has only path parameters, `{ body }` when it takes one (use `of` for ids in it: the body is then mixed too).
 */
import type { Tenant } from '@skein/db/testing'

export interface Ids extends Tenant {
  /** How the project is named in an address: its id, or `workspace%2Fproject`. */
  projectReference: string
  workspaceReference: string
  /** Secrets of the tenant that somebody might have come by. */
  sessionToken: string
}

export interface RouteCase {
  /** Where a path parameter is not what its name says. */
  params?: Record<string, (of: Ids) => string>
  /** A body that is right but for its ids; with `of` in it, whose ids are in it counts as one more parameter. */
  body?: unknown | ((of: Ids) => unknown)
  headers?: Record<string, string>
  /** The answer when it is not 404; it must still be the same as for ids that never were. */
  status?: number
  /** The route takes no ids and answers about the caller: it must work, and hold nothing of the tenant. */
  own?: true
  /** The route wants a session: API tokens are refused before anything else. */
  browserOnly?: true
  /** Why the route is not tried. */
  skip?: string
}

/** Path parameters that are ids, by name. Whatever is not here is a constant, see `CONSTANTS`. */
export const PARAMS: Record<string, (of: Ids) => string> = {
  workspace: (of) => of.workspaceReference,
  project: (of) => of.projectReference,
  file: (of) => of.file,
  member: (of) => of.user,
  invitation: (of) => of.invitation,
  token: (of) => of.token,
  job: (of) => of.job,
  installation: (of) => String(of.installation),
  oid: (of) => of.commit,
  conflict: (of) => of.conflict,
  operation: (of) => of.operation,
  finding: (of) => of.secretFinding,
}

/** Path parameters that are no ids: the same for everybody. */
export const CONSTANTS: Record<string, string> = { path: 'secret/plan.md' }

const OWN: RouteCase = { own: true }
const BY_SIGNATURE: RouteCase = { skip: 'nobody is signed in: GitHub is known by its signature' }
const BY_ADMIN: RouteCase = { skip: 'the admin of the instance alone, in person: tried in api/github-app.pg.test.ts' }
const OWN_SESSION: RouteCase = { skip: 'acts on the account of its own session, and takes no ids' }

export const ROUTE_CASES: Record<string, RouteCase> = {
  'POST /api/auth/sign-up/email': { skip: 'makes an account; nobody is known yet' },
  'POST /api/auth/sign-in/email': { skip: 'needs the password of the account' },
  'POST /api/auth/sign-out': OWN_SESSION,
  'GET /api/auth/get-session': OWN,
  'GET /api/auth/list-sessions': { own: true, browserOnly: true },
  'POST /api/auth/revoke-session': { body: (of: Ids) => ({ token: of.sessionToken }), status: 200, browserOnly: true },
  'POST /api/auth/revoke-sessions': OWN_SESSION,
  'POST /api/auth/revoke-other-sessions': OWN_SESSION,
  'POST /api/auth/update-user': OWN_SESSION,
  'POST /api/auth/change-password': OWN_SESSION,

  'GET /api/openapi.json': OWN,
  'GET /api/v1/instance': OWN,
  'GET /api/v1/me': OWN,

  'POST /webhooks/github': BY_SIGNATURE,
  'POST /api/v1/webhooks/github': BY_SIGNATURE,
  'GET /webhooks/github/health': OWN,
  'GET /api/v1/webhooks/github/health': OWN,
  'GET /api/v1/admin/github/app': BY_ADMIN,
  'POST /api/v1/admin/github/app/manifest': BY_ADMIN,
  'DELETE /api/v1/admin/github/app': BY_ADMIN,
  'GET /api/v1/admin/github/operations': BY_ADMIN,
  'POST /api/v1/admin/github/operations/:operation/retry': BY_ADMIN,
  'GET /api/v1/admin/github/deliveries': BY_ADMIN,
  'POST /api/v1/admin/github/sync': BY_ADMIN,
  'GET /api/v1/github/app/created': BY_ADMIN,
  'GET /api/v1/github/installed': { skip: 'the way back is known by its state alone: commands/github-app/SPEC.md' },
  'GET /api/v1/workspaces/:workspace/github/installations': {},
  'POST /api/v1/workspaces/:workspace/github/installations': { body: { installationId: 7 } },
  'POST /api/v1/workspaces/:workspace/github/install': { body: {} },
  'DELETE /api/v1/workspaces/:workspace/github/installations/:installation': {},
  'GET /api/v1/workspaces/:workspace/github/installations/:installation/repositories': {},
  'POST /api/v1/workspaces/:workspace/github/installations/:installation/repositories': { body: { name: 'planted' } },

  'GET /api/v1/tokens': OWN,
  'POST /api/v1/tokens': { body: (of: Ids) => ({ name: 'x', workspaceId: of.workspace }) },
  'DELETE /api/v1/tokens/:token': {},
  'POST /api/v1/collab/tickets': { body: (of: Ids) => ({ project: decodeURIComponent(of.projectReference) }) },

  'GET /api/v1/workspaces': OWN,
  'POST /api/v1/workspaces': { own: true, body: { name: 'Mine' } },
  'GET /api/v1/workspaces/:workspace': {},
  'PATCH /api/v1/workspaces/:workspace': { body: { name: 'Taken' } },
  'DELETE /api/v1/workspaces/:workspace': { body: { name: 'Taken' } },
  'GET /api/v1/workspaces/:workspace/members': {},
  'PATCH /api/v1/workspaces/:workspace/members/:member': { body: { role: 'viewer' } },
  'DELETE /api/v1/workspaces/:workspace/members/:member': {},
  'GET /api/v1/workspaces/:workspace/invitations': {},
  'POST /api/v1/workspaces/:workspace/invitations': { body: (of: Ids) => ({ projectId: of.project }) },
  'DELETE /api/v1/workspaces/:workspace/invitations/:invitation': {},
  'GET /api/v1/invitations/:token': { skip: 'the link is the key: whoever holds it may look' },
  'POST /api/v1/invitations/:token/accept': { skip: 'the link is the key: whoever holds it may come in' },

  'GET /api/v1/workspaces/:workspace/projects': {},
  'POST /api/v1/workspaces/:workspace/projects': { body: { name: 'Planted' } },
  'GET /api/v1/projects/:project': {},
  'PATCH /api/v1/projects/:project': { body: { name: 'Taken' } },
  'DELETE /api/v1/projects/:project': {},
  'GET /api/v1/projects/:project/status': {},
  'GET /api/v1/projects/:project/events': {},

  'GET /api/v1/projects/:project/files': {},
  'POST /api/v1/projects/:project/files': { body: { path: 'planted.md', content: 'x' } },
  'PATCH /api/v1/projects/:project/files/:file': { body: { path: 'taken.md' } },
  'DELETE /api/v1/projects/:project/files/:file': {},
  'POST /api/v1/projects/:project/folders/move': { body: { from: 'secret', to: 'taken' } },
  'POST /api/v1/projects/:project/folders/delete': { body: { path: 'secret' } },
  'GET /api/v1/projects/:project/trash': {},
  'POST /api/v1/projects/:project/trash/:file/restore': { params: { file: (of) => of.trashed }, body: {} },
  'GET /api/v1/projects/:project/content/:path{.+}': {},
  'PUT /api/v1/projects/:project/content/:path{.+}': { body: { text: 'taken' }, headers: { 'if-match': '"1.1"' } },
  'POST /api/v1/projects/:project/content/:path{.+}': { body: { edits: [{ oldText: 'secret', newText: 'taken' }] } },
  'GET /api/v1/projects/:project/suggestions': {},
  'POST /api/v1/projects/:project/batch-read': { body: { paths: ['secret/plan.md'] } },
  'POST /api/v1/projects/:project/find': { body: { query: 'secret' } },
  'GET /api/v1/projects/:project/raw/:path{.+}': {},
  'PUT /api/v1/projects/:project/raw/:path{.+}': { headers: { 'content-type': 'application/octet-stream' } },

  'POST /api/v1/projects/:project/snapshots': { body: {} },
  'GET /api/v1/projects/:project/commits': {},
  'GET /api/v1/projects/:project/commits/:oid': {},

  'GET /api/v1/jobs/:job': {},
  'GET /api/v1/jobs/:job/events': {},
  'DELETE /api/v1/jobs/:job': {},

  'POST /api/v1/projects/:project/github/link': { body: { installationId: 1, repositoryId: 1 } },
  'DELETE /api/v1/projects/:project/github/link': {},
  'GET /api/v1/projects/:project/github/status': {},
  'PATCH /api/v1/projects/:project/github': { body: { paused: true } },
  'POST /api/v1/projects/:project/github/sync': {},
  'GET /api/v1/projects/:project/github/conflicts': {},
  'GET /api/v1/projects/:project/github/conflicts/:conflict': {},
  'POST /api/v1/projects/:project/github/conflicts/:conflict/use': { body: { choice: 'theirs' } },
  'POST /api/v1/projects/:project/github/conflicts/:conflict/resolve': { body: { choice: 'theirs' } },
  'POST /api/v1/projects/:project/github/conflicts/resolve-all': { body: { choice: 'theirs' } },
  'POST /api/v1/projects/:project/github/pull-request': {},
  'GET /api/v1/projects/:project/github/operations/:operation': {},
  'POST /api/v1/projects/:project/github/operations/:operation/retry': {},
  'POST /api/v1/workspaces/:workspace/github/sync': { body: { state: 'all' } },
  'GET /api/v1/projects/:project/github/operations': {},
  'GET /api/v1/projects/:project/github/secret-findings': {},
  'POST /api/v1/projects/:project/github/secret-findings/:finding/release': { body: {}, browserOnly: true },
}
