/**
 * The pull requests of a repository and what happens to them by themselves: a push to the head branch updates them, a deleted or renamed
 * head closes them, a renamed base is followed, and a head that the base already holds counts as merged.
 */
import { bareDirectory, git, isAncestor, mergeTrees, readBranches, zeroOid } from './bare.ts'
import type { RefMove } from './commits.ts'
import { now, type Pull, type Repository, type World } from './state.ts'

/** What happened to a pull request, in the words of the webhook. */
export interface PullEvent {
  pull: Pull
  action: 'opened' | 'closed' | 'reopened' | 'edited' | 'synchronize'
  changes?: Record<string, unknown>
}

/** The number counts on through the repository, as issues and pull requests do on GitHub. */
export async function openPull(
  world: World,
  repository: Repository,
  request: { title: string; body: string | null; author: string; head: string; base: string },
): Promise<Pull> {
  const branches = await readBranches(world, repository.id)
  const at = now(world)
  const pull: Pull = {
    number: repository.pulls.length + 1,
    title: request.title,
    body: request.body,
    state: 'open',
    author: request.author,
    head: { ref: request.head, sha: branches.get(request.head) ?? zeroOid },
    base: { ref: request.base, sha: branches.get(request.base) ?? zeroOid },
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    mergedAt: null,
    mergeSha: null,
    mergeable: null,
    comments: [],
  }
  repository.pulls.push(pull)
  await nameHead(world, repository, pull)
  return pull
}

/** GitHub advertises the head of every pull request under a ref that nobody may push to. */
async function nameHead(world: World, repository: Repository, pull: Pull): Promise<void> {
  await git(bareDirectory(world, repository.id), ['update-ref', `refs/pull/${pull.number}/head`, pull.head.sha])
}

/** Follows moved branches; the events are in the order in which GitHub would tell them. */
export async function followMoves(
  world: World,
  repository: Repository,
  moves: readonly RefMove[],
): Promise<PullEvent[]> {
  const events: PullEvent[] = []
  for (const { ref, after } of moves) {
    const branch = ref.replace(/^refs\/heads\//, '')
    if (branch === ref) continue
    for (const pull of repository.pulls.filter(({ state }) => state === 'open')) {
      if (pull.head.ref === branch) events.push(...(await moveHead(world, repository, pull, after)))
      else if (pull.base.ref === branch) events.push(...(await moveBase(world, repository, pull, after)))
    }
  }
  return events
}

async function moveHead(world: World, repository: Repository, pull: Pull, after: string): Promise<PullEvent[]> {
  if (after === zeroOid) return [closePull(world, pull)]
  pull.head.sha = after
  pull.mergeable = null
  pull.updatedAt = now(world)
  await nameHead(world, repository, pull)
  return [{ pull, action: 'synchronize' }]
}

async function moveBase(world: World, repository: Repository, pull: Pull, after: string): Promise<PullEvent[]> {
  if (after === zeroOid) return [closePull(world, pull)]
  pull.base.sha = after
  pull.mergeable = null
  // Whoever pushes the head's commits to the base has merged it.
  if (!(await isAncestor(bareDirectory(world, repository.id), pull.head.sha, after))) return []
  return [markMerged(world, pull, after)]
}

export function closePull(world: World, pull: Pull): PullEvent {
  pull.state = 'closed'
  pull.closedAt = now(world)
  pull.updatedAt = pull.closedAt
  return { pull, action: 'closed' }
}

export function markMerged(world: World, pull: Pull, oid: string): PullEvent {
  const event = closePull(world, pull)
  pull.mergedAt = pull.closedAt
  pull.mergeSha = oid
  return event
}

/** Why a closed pull request cannot be opened again, or null. */
export async function whyNotReopened(world: World, repository: Repository, pull: Pull): Promise<string | null> {
  if (pull.mergedAt !== null) return 'state cannot be changed. The pull request cannot be reopened.'
  const branches = await readBranches(world, repository.id)
  const head = branches.get(pull.head.ref)
  if (head === undefined) return `state cannot be changed. The ${pull.head.ref} branch has been deleted.`
  if (!branches.has(pull.base.ref)) return `state cannot be changed. The ${pull.base.ref} branch has been deleted.`
  if (!(await isAncestor(bareDirectory(world, repository.id), pull.head.sha, head)))
    return `state cannot be changed. The ${pull.head.ref} branch was force-pushed or recreated.`
  return null
}

/** Opens it again at where its branches stand now. */
export async function reopenPull(world: World, repository: Repository, pull: Pull): Promise<PullEvent> {
  const branches = await readBranches(world, repository.id)
  pull.state = 'open'
  pull.closedAt = null
  pull.mergeable = null
  pull.updatedAt = now(world)
  pull.head.sha = branches.get(pull.head.ref) ?? pull.head.sha
  pull.base.sha = branches.get(pull.base.ref) ?? pull.base.sha
  await nameHead(world, repository, pull)
  return { pull, action: 'reopened' }
}

/** What GitHub has worked out by the next question. */
export async function lookWhetherMergeable(world: World, repository: Repository, pull: Pull): Promise<void> {
  const [base, head] = [pull.base.sha, pull.head.sha]
  const tree = await mergeTrees(bareDirectory(world, repository.id), base, head).catch(() => null)
  if (pull.head.sha === head && pull.base.sha === base) pull.mergeable = tree !== null
}
