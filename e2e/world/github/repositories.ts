/** What people do with a whole repository: make, rename, transfer, hide, archive, delete it, and rename or change its branches. */
import { bareDirectory, createBare, deleteBare, git, readRef, setHead, zeroOid } from './bare.ts'
import { type CommitRequest, commitOn, type FileChange, type RefMove } from './commits.ts'
import { tellOfInstallation, tellOfRepository } from './events.ts'
import { publishMoves } from './moves.ts'
import { presentAccount } from './present.ts'
import { fullName, type Installation, nextId, type Repository, repositoriesOf, type World } from './state.ts'

export type NewRepository = Partial<Omit<Repository, 'pulls'>> & { installationId?: number; files?: FileChange[] }

/** With `files` it has a first commit; without it is empty. */
export async function makeRepository(
  world: World,
  { installationId, files, ...settings }: NewRepository,
): Promise<Repository> {
  const repository: Repository = {
    id: nextId(world),
    owner: 'acme',
    name: 'site',
    defaultBranch: 'main',
    private: true,
    archived: false,
    formerNames: [],
    protectedBranches: {},
    rules: {},
    allowForcePushes: false,
    sizeKilobytes: 0,
    ...settings,
    pulls: [],
  }
  await createBare(world, repository.id, repository.defaultBranch)
  world.repositories.set(repository.id, repository)
  const installation = installationId === undefined ? undefined : world.installations.get(installationId)
  if (installationId !== undefined && installation === undefined) throw new Error(`no installation ${installationId}`)
  if (installation !== undefined) addTo(world, installation, [repository])
  if (files !== undefined)
    await commit(world, repository, { branch: repository.defaultBranch, files, message: 'First commit' })
  return repository
}

/** Makes commits and tells of them; where the branch stands now. */
export async function commit(world: World, repository: Repository, request: CommitRequest): Promise<RefMove> {
  const move = await commitOn(world, repository.id, request)
  repository.sizeKilobytes = Math.max(1, repository.sizeKilobytes)
  await publishMoves(world, repository, [move])
  return move
}

const brief = (repository: Repository) => ({
  id: repository.id,
  node_id: `R_${repository.id}`,
  name: repository.name,
  full_name: fullName(repository),
  private: repository.private,
})

export function addTo(world: World, installation: Installation, repositories: Repository[]): void {
  installation.repositoryIds.push(...repositories.map(({ id }) => id))
  const body = { action: 'added', repository_selection: installation.selection, repositories_removed: [] }
  const added = { ...body, repositories_added: repositories.map(brief) }
  if (!installation.suspended) tellOfInstallation(world, installation, 'installation_repositories', added)
}

export function takeFrom(world: World, installation: Installation, repositories: Repository[]): void {
  const gone = new Set(repositories.map(({ id }) => id))
  installation.repositoryIds = installation.repositoryIds.filter((id) => !gone.has(id))
  const body = { action: 'removed', repository_selection: installation.selection, repositories_added: [] }
  const removed = { ...body, repositories_removed: repositories.map(brief) }
  if (!installation.suspended) tellOfInstallation(world, installation, 'installation_repositories', removed)
}

function tell(world: World, repository: Repository, action: string, changes?: Record<string, unknown>): void {
  const body = { action, ...(changes ? { changes } : {}) }
  tellOfRepository(world, repository, 'repository', body, world.person.login)
}

/** Puts new settings in, and tells what each of them means. */
export async function changeRepository(world: World, repository: Repository, body: Partial<Repository>): Promise<void> {
  const { name, owner, defaultBranch, ...rest } = body
  const before = { ...repository }
  Object.assign(repository, rest)
  if (name !== undefined && name !== before.name) {
    repository.formerNames.push(fullName(repository))
    repository.name = name
    tell(world, repository, 'renamed', { repository: { name: { from: before.name } } })
  }
  if (owner !== undefined && owner !== before.owner) transfer(world, repository, owner)
  if (rest.private !== undefined && rest.private !== before.private)
    tell(world, repository, rest.private ? 'privatized' : 'publicized')
  if (rest.archived !== undefined && rest.archived !== before.archived)
    tell(world, repository, rest.archived ? 'archived' : 'unarchived')
  if (rest.protectedBranches !== undefined) tellProtection(world, repository, before)
  if (rest.rules !== undefined) {
    const ruleset = { id: 42, name: 'rules', target: 'branch', enforcement: 'active' }
    const changed = { action: 'edited', repository_ruleset: ruleset }
    tellOfRepository(world, repository, 'repository_ruleset', changed, world.person.login)
  }
  if (defaultBranch !== undefined && defaultBranch !== before.defaultBranch)
    await renameBranch(world, repository, before.defaultBranch, defaultBranch)
}

/** Installations of the old account do not follow; one of the new account that takes all of its repositories has it at once. */
function transfer(world: World, repository: Repository, owner: string): void {
  const from = presentAccount(world, repository.owner)
  repository.formerNames.push(fullName(repository))
  const losing = [...world.installations.values()].filter(({ account }) => account === repository.owner)
  const reached = losing.filter((installation) => repositoriesOf(world, installation).includes(repository))
  repository.owner = owner
  for (const installation of reached) takeFrom(world, installation, [repository])
  const kind = from.type === 'User' ? 'user' : 'organization'
  tell(world, repository, 'transferred', { owner: { from: { [kind]: from } } })
}

function tellProtection(world: World, repository: Repository, before: Repository): void {
  const names = new Set([...Object.keys(before.protectedBranches), ...Object.keys(repository.protectedBranches)])
  for (const name of names) {
    const [was, is] = [before.protectedBranches[name], repository.protectedBranches[name]]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    const action = was === undefined ? 'created' : is === undefined ? 'deleted' : 'edited'
    const rule = { id: 7, name, repository_id: repository.id }
    tellOfRepository(world, repository, 'branch_protection_rule', { action, rule }, world.person.login)
  }
}

/** As on GitHub's pages: a renamed default stays the default, pull requests to it follow, and those from it are closed. */
export async function renameBranch(world: World, repository: Repository, from: string, to: string): Promise<void> {
  const directory = bareDirectory(world, repository.id)
  const oid = await readRef(world, repository.id, `refs/heads/${from}`)
  const wasDefault = repository.defaultBranch === from
  if (oid !== null) await git(directory, ['update-ref', `refs/heads/${to}`, oid, zeroOid])
  for (const pull of repository.pulls) if (pull.base.ref === from && pull.state === 'open') pull.base.ref = to
  if (repository.protectedBranches[from] !== undefined) {
    repository.protectedBranches[to] = repository.protectedBranches[from]
    delete repository.protectedBranches[from]
  }
  if (wasDefault) await changeDefault(world, repository, to)
  if (oid === null) return
  await git(directory, ['update-ref', '-d', `refs/heads/${from}`, oid])
  await publishMoves(world, repository, [
    { ref: `refs/heads/${to}`, before: zeroOid, after: oid, forced: false },
    { ref: `refs/heads/${from}`, before: oid, after: zeroOid, forced: false },
  ])
}

export async function changeDefault(world: World, repository: Repository, branch: string): Promise<void> {
  const from = repository.defaultBranch
  repository.defaultBranch = branch
  await setHead(world, repository.id, branch)
  tell(world, repository, 'edited', { default_branch: { from } })
}

/** Moves, makes or (null) deletes a branch or tag. */
export async function moveRef(world: World, repository: Repository, ref: string, oid: string | null): Promise<void> {
  const directory = bareDirectory(world, repository.id)
  const before = (await readRef(world, repository.id, ref)) ?? zeroOid
  await git(directory, oid === null ? ['update-ref', '-d', ref] : ['update-ref', ref, oid])
  const after = oid === null ? zeroOid : await git(directory, ['rev-parse', oid])
  if (before !== after) await publishMoves(world, repository, [{ ref, before, after, forced: false }])
}

export async function deleteRepository(world: World, repository: Repository): Promise<void> {
  tell(world, repository, 'deleted')
  const reaching = [...world.installations.values()].filter((one) => repositoriesOf(world, one).includes(repository))
  world.repositories.delete(repository.id)
  for (const installation of reaching) takeFrom(world, installation, [repository])
  await deleteBare(world, repository.id)
}
