/** A project as the API shows it. */
import type { projectQueries } from '@skein/db'
import type { Project, Role } from '@skein/protocol'

export const toProject = (row: projectQueries.ProjectRow, role: Role, publicUrl: string): Project => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  workspace: { id: row.workspaceId, slug: row.workspaceSlug, name: row.workspaceName },
  role,
  state: row.state,
  source: row.source,
  sourceUrl: row.sourceUrl,
  defaultBranch: row.defaultBranch,
  cloneUrl: `${publicUrl}/git/${row.workspaceSlug}/${row.slug}.git`,
  createdAt: row.createdAt.toISOString(),
  changedAt: row.changedAt.toISOString(),
  fileCount: row.fileCount,
  lastCommit: row.head,
})
