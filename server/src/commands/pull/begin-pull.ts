/**
 * How a remote head stands to ours, and where the two have parted (PL2). That is fixed in a row before anything is changed, so that whoever goes
 * on with the pull after a kill does the same.
 */
import { pullQueries, repositoryQueries } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'
import type { Claim } from '../snapshot/claim.ts'
import { holdBranch } from './hold-branch.ts'
import { nameBranch } from './name-branch.ts'
import type { PullDeps, PullKind, PullRequest } from './pull-project.ts'
import { toPulledLink } from './pull-source.ts'

/** `none`: ours holds theirs already, and the remote has left nothing. */
export interface Relation {
  kind: PullKind | 'none'
  /** The best common ancestors; several where the histories crossed. */
  bases: Oid[]
  /** What the remote has left of what was merged before. */
  left: Oid | null
}

type Histories = Pick<GitStore, 'mergeBases' | 'isAncestor'>

interface Ends {
  ours: Oid | null
  theirs: Oid
  /** The head of this branch that was merged last; null: none, or a branch of ours, which holds nothing that could be left. */
  before: Oid | null
  /** Of a pull request that was squashed or rebased: what theirs holds of ours by that. */
  squashed: Oid[] | null
}

/** Of a squash theirs does not hold the commits, but it stands for a merge with them. */
export async function relate(
  git: Histories,
  project: ProjectKey,
  { ours, theirs, before, squashed }: Ends,
): Promise<Relation> {
  if (ours === null) return { kind: 'first', bases: [], left: null }
  if (await git.isAncestor(project, ours, theirs)) {
    return { kind: ours === theirs ? 'none' : 'forward', bases: [ours], left: null }
  }
  const isLeft = before !== null && !(await git.isAncestor(project, before, theirs))
  if (squashed !== null && !isLeft) {
    return { kind: 'restarted', bases: await git.mergeBases(project, ours, [theirs, ...squashed]), left: null }
  }
  const bases = await git.mergeBases(project, ours, [theirs])
  if (isLeft) return { kind: 'rewritten', bases, left: before }
  if (bases.length === 0) return { kind: 'unrelated', bases, left: null }
  return { kind: bases.includes(theirs) ? 'none' : 'merge', bases, left: null }
}

/**
 * The head of a squashed pull request as GitHub tells it, which somebody there may have gone on with; when it cannot be had, the last one that GitHub
 * took from us.
 */
async function findSquashed(
  { git }: Pick<PullDeps, 'git'>,
  project: ProjectKey,
  { mergedHead, link }: PullRequest,
): Promise<Oid[] | null> {
  if (mergedHead === null) return null
  for (const oid of [mergedHead, link.prHeadOid]) if (oid !== null && (await git.hasCommit(project, oid))) return [oid]
  return []
}

/** `nothing`: ours holds theirs already. `outdated`: it is not what was decided any more, so look again. */
type Begun =
  | { outcome: 'begun'; pull: pullQueries.PullRow }
  | { outcome: 'nothing'; ours: Oid | null }
  | { outcome: 'outdated' }

/** Whether commits of ours fall out of the branch: never for another reason than the one that was decided. */
const leavesOurs = (kind: Relation['kind']): boolean => kind === 'rewritten' || kind === 'restarted'

/** Writes the row of a pull. Throws ClaimLostError when somebody else makes commits by now. */
export async function beginPull(
  deps: Pick<PullDeps, 'db' | 'git'>,
  project: ProjectKey,
  request: PullRequest,
  claim: Claim,
): Promise<Begun> {
  const { link, from, decided, branch, fullName, theirs, operation } = request
  const { projectId, workspaceId } = project
  const found = await deps.db.inWorkspace(workspaceId, (tx) => repositoryQueries.findRefs(tx, projectId))
  const ours = found?.refs.find(({ name }) => name === `refs/heads/${found.defaultBranch}`)?.oid ?? null
  const before = from === 'tracked' ? link.mergedOid : null
  const squashed = await findSquashed(deps, project, request)
  const { kind, bases, left } = await relate(deps.git, project, { ours, theirs, before, squashed })
  if (kind === 'none') return { outcome: 'nothing', ours }
  if (decided !== undefined && decided !== kind && leavesOurs(kind)) return { outcome: 'outdated' }
  const pull = await deps.db.inWorkspace(workspaceId, async (tx) => {
    await holdBranch(tx, project, claim, ours)
    // Before its first commit a project has no branch of its own that anybody could know.
    if (kind === 'first') await nameBranch(tx, projectId, branch)
    const detail = {
      ...{ branch, fullName, left },
      ...(from === 'tracked' && { link: toPulledLink(link) }),
      ...(bases.length > 1 && { bases }),
    }
    const base = bases[0] ?? null
    return pullQueries.insertPull(tx, project, { kind, base, ours, theirs, operation, detail })
  })
  if (pull === null) throw new Error(`another pull of project ${projectId} has begun under the claim of this one`)
  return { outcome: 'begun', pull }
}
