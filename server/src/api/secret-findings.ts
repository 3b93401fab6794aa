/** `/projects/{project}/github/secret-findings`: what looks like a secret and keeps a push back, and letting it pass. */
import { createRoute, z } from '@hono/zod-openapi'
import { secretFindingQueries } from '@skein/db'
import { listOf, ProjectReference, Refusal, ReleaseSecret, SecretFinding } from '@skein/protocol'
import { requireProject } from '../commands/access.ts'
import type { LinkDeps } from '../commands/github/link-project.ts'
import { releaseSecret } from '../commands/secrets/release-secret.ts'
import { type ApiRoutes, answers, jsonBody, newRoutes, REFUSAL } from './env.ts'

const tags = ['github']
const listed = 500

const list = createRoute({
  method: 'get',
  path: '/projects/{project}/github/secret-findings',
  tags,
  summary: 'Possible secrets in commits that have not left, those that hold the push first',
  request: { params: z.object({ project: ProjectReference }) },
  responses: {
    ...answers(200, 'Findings; the secrets themselves are never sent', listOf(SecretFinding)),
    default: REFUSAL,
  },
})
const release = createRoute({
  method: 'post',
  path: '/projects/{project}/github/secret-findings/{finding}/release',
  tags,
  summary: 'Let one pass, with every other place of the same secret; who did is recorded',
  request: { params: z.object({ project: ProjectReference, finding: z.string() }), ...jsonBody(ReleaseSecret) },
  responses: { 204: { description: 'It does not hold the push any more' }, default: REFUSAL },
})

/** Routes of findings. */
export function secretFindingRoutes({ db, record }: Pick<LinkDeps, 'db' | 'record'>): ApiRoutes {
  const routes = newRoutes()
  routes.openapi(list, async (c) => {
    const { project } = c.req.valid('param')
    const { projectId, workspaceId } = await requireProject(db.instance, c.get('actor'), project, 'read-project')
    const rows = await db.inWorkspace(
      workspaceId,
      (tx) => secretFindingQueries.listSecretFindings(tx, projectId, listed),
      { readOnly: true },
    )
    return c.json({ items: rows.map(toFinding) }, 200)
  })
  routes.openapi(release, async (c) => {
    const { project, finding } = c.req.valid('param')
    const actor = c.get('actor')
    const access = await requireProject(db.instance, actor, project, 'commit')
    if (!z.uuid().safeParse(finding).success) {
      throw new Refusal('not-found', 'There is no such finding.', { hint: 'Look at the list anew.' })
    }
    await releaseSecret({ db, record }, access, actor, finding, c.req.valid('json').note ?? null)
    return c.body(null, 204)
  })
  return routes
}

const toFinding = (row: secretFindingQueries.SecretFindingRow): SecretFinding => ({
  id: row.id,
  path: row.path,
  line: row.line,
  rule: row.rule,
  message: row.message,
  commit: row.commit,
  state: row.state,
  releasedBy: row.releasedBy === null ? null : { id: row.releasedBy, name: row.releasedByName ?? 'Former member' },
  releasedAt: row.releasedAt?.toISOString() ?? null,
  note: row.note,
  createdAt: row.createdAt.toISOString(),
})
