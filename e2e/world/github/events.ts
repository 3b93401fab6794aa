/** What GitHub tells an App of: bodies in the shape of its webhooks, sent to those who may read what they are about. */
import { permissionOfEvent } from './app.ts'
import { bareDirectory, git, isAncestor, zeroOid } from './bare.ts'
import type { RefMove } from './commits.ts'
import { deliver } from './deliveries.ts'
import { presentInstallation, presentPull, presentRepository, presentUser } from './present.ts'
import type { PullEvent } from './pulls.ts'
import { fullName, type Installation, type Repository, repositoriesOf, type World } from './state.ts'

/** GitHub lists no more commits than this in one event. */
const commitsMax = 2048

type Body = Record<string, unknown>

/** Tells every installation that reaches the repository, may read it and is not suspended. */
export function tellOfRepository(
  world: World,
  repository: Repository,
  event: string,
  body: Body,
  sender: string,
): void {
  const all = [...world.installations.values()].filter((one) => repositoriesOf(world, one).includes(repository))
  for (const installation of all) {
    const permission = permissionOfEvent[event] ?? 'metadata'
    if (permission !== 'metadata' && installation.permissions[permission] === undefined) continue
    if (installation.suspended || !world.app.events.includes(event)) continue
    const payload = {
      ...body,
      repository: presentRepository(world, repository),
      sender: presentUser(sender),
      installation: { id: installation.id, node_id: `I_${installation.id}` },
    }
    deliver(world, event, payload)
  }
}

/** `installation` and `installation_repositories` come to every App, also when they tell of its own suspension. */
export function tellOfInstallation(world: World, installation: Installation, event: string, body: Body): void {
  const payload = {
    ...body,
    installation: presentInstallation(world, installation),
    sender: presentUser(world.person.login),
  }
  deliver(world, event, payload)
}

export function tellPull(world: World, repository: Repository, event: PullEvent, sender: string): void {
  const { pull, action, changes } = event
  const pullRequest = presentPull(world, repository, pull)
  const body = { action, number: pull.number, ...(changes ? { changes } : {}), pull_request: pullRequest }
  tellOfRepository(world, repository, 'pull_request', body, sender)
}

/** A moved branch or tag: `create` or `delete` where it came or went, and `push`. */
export async function tellMove(world: World, repository: Repository, move: RefMove, sender: string): Promise<void> {
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/s.exec(move.ref) ?? []
  if (kind === undefined || name === undefined) return
  const about = { ref: name, ref_type: kind === 'heads' ? 'branch' : 'tag', pusher_type: 'user' }
  const isNew = move.before === zeroOid
  const isDeleted = move.after === zeroOid
  if (isNew) {
    const created = { ...about, master_branch: repository.defaultBranch, description: null }
    tellOfRepository(world, repository, 'create', created, sender)
  }
  if (isDeleted) tellOfRepository(world, repository, 'delete', about, sender)
  const directory = bareDirectory(world, repository.id)
  const isForced = !isNew && !isDeleted && !(await isAncestor(directory, move.before, move.after))
  const commits = isDeleted ? [] : await listCommits(world, repository, move)
  const body = {
    ref: move.ref,
    before: move.before,
    after: move.after,
    created: isNew,
    deleted: isDeleted,
    forced: isForced,
    base_ref: null,
    compare: `${world.origin}/${fullName(repository)}/compare/${move.before.slice(0, 12)}...${move.after.slice(0, 12)}`,
    commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: sender, email: null },
  }
  tellOfRepository(world, repository, 'push', body, sender)
}

async function listCommits(world: World, repository: Repository, { before, after }: RefMove): Promise<Body[]> {
  const range = before === zeroOid ? [after, '-n', '20'] : [`${before}..${after}`, '-n', String(commitsMax)]
  const format = '%x01%H%x00%T%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%B%x00'
  const directory = bareDirectory(world, repository.id)
  const args = ['log', '--reverse', '--no-renames', '--name-status', '-m', '--first-parent', `--format=${format}`]
  // The commit may be gone again by the time it is told of.
  const listed = await git(directory, [...args, ...range]).catch(() => '')
  return listed
    .split('\x01')
    .slice(1)
    .map((text) => presentCommit(world, repository, text))
}

function presentCommit(world: World, repository: Repository, text: string): Body {
  const [oid = '', tree, name, email, at, committer, committerEmail, message, files = ''] = text.split('\0')
  const changed = files.split('\n').flatMap((line) => {
    const [status, path] = line.split('\t')
    return path === undefined ? [] : [{ status, path }]
  })
  const pathsOf = (status: string) => changed.filter((file) => file.status === status).map(({ path }) => path)
  return {
    id: oid,
    tree_id: tree,
    distinct: true,
    message: message?.trimEnd(),
    timestamp: at,
    url: `${world.origin}/${fullName(repository)}/commit/${oid}`,
    author: { name, email },
    committer: { name: committer, email: committerEmail },
    added: pathsOf('A'),
    removed: pathsOf('D'),
    modified: changed.filter(({ status }) => status === 'M' || status === 'T').map(({ path }) => path),
  }
}
