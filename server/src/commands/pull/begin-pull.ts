/**
 * How a remote head stands to ours, and where the two have parted (PL2). That is fixed in a row before anything is changed, so that whoever goes
 * on with the pull after a kill does the same.
 */
import { pullQueries, repositoryQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { PullDeps, PullKind, PullRequest } from './pull-project.ts'
import { toPulledLink } from './pull-source.ts'

/** `none`: ours holds theirs already, and the remote has left nothing. */
export interface Relation {
  kind: PullKind | 'none'
  base: Oid | null
  /** What the remote has left of what was merged before. */
  left: Oid | null
}

type Histories = Pick<GitStore, 'mergeBase' | 'isAncestor'>

/** `before` is the head of this branch that was merged last; null: none, or a branch of ours, which holds nothing that could be left. */
export async function relate(
  git: Histories,
  project: ProjectKey,
  { ours, theirs, before, mergedHead }: { ours: Oid | null; theirs: Oid; before: Oid | null; mergedHead: Oid | null },
): Promise<Relation> {
  if (ours === null) return { kind: 'first', base: null, left: null }
  if (await git.isAncestor(project, ours, theirs)) {
    return ours === theirs ? { kind: 'none', base: ours, left: null } : { kind: 'forward', base: ours, left: null }
  }
  const isLeft = before !== null && !(await git.isAncestor(project, before, theirs))
  if (mergedHead !== null && !isLeft) return { kind: 'restarted', base: mergedHead, left: null }
  const base = await git.mergeBase(project, ours, theirs)
  if (isLeft) return { kind: 'rewritten', base, left: before }
  if (base === null) return { kind: 'unrelated', base: null, left: null }
  return base === theirs ? { kind: 'none', base, left: null } : { kind: 'merge', base, left: null }
}

/** `nothing`: ours holds theirs already. `outdated`: it is not what was decided any more, so look again. */
type Begun =
  | { outcome: 'begun'; pull: pullQueries.PullRow }
  | { outcome: 'nothing'; ours: Oid | null }
  | { outcome: 'outdated' }

/** Whether commits of ours fall out of the branch: never for another reason than the one that was decided. */
const leavesOurs = (kind: Relation['kind']): boolean => kind === 'rewritten' || kind === 'restarted'

/** Writes the row of a pull. The project's snapshots are claimed. */
export async function beginPull(
  deps: Pick<PullDeps, 'db' | 'git'>,
  project: ProjectKey,
  { link, from, decided, branch, fullName, theirs, mergedHead, operation }: PullRequest,
): Promise<Begun> {
  const { projectId, workspaceId } = project
  const found = await deps.db.inWorkspace(workspaceId, (tx) => repositoryQueries.findRefs(tx, projectId))
  const ours = found?.refs.find(({ name }) => name === `refs/heads/${found.defaultBranch}`)?.oid ?? null
  const before = from === 'tracked' ? link.mergedOid : null
  const { kind, base, left } = await relate(deps.git, project, { ours, theirs, before, mergedHead })
  if (kind === 'none') return { outcome: 'nothing', ours }
  if (decided !== undefined && decided !== kind && leavesOurs(kind)) return { outcome: 'outdated' }
  const pull = await deps.db.inWorkspace(workspaceId, async (tx) => {
    // Before its first commit a project has no branch of its own that anybody could know.
    if (kind === 'first') await pullQueries.setDefaultBranch(tx, projectId, branch)
    const detail = { branch, fullName, left, ...(from === 'tracked' && { link: toPulledLink(link) }) }
    return pullQueries.insertPull(tx, project, { kind, base, ours, theirs, operation, detail })
  })
  if (pull === null) throw new Error(`another pull of project ${projectId} has begun under the claim of this one`)
  return { outcome: 'begun', pull }
}
