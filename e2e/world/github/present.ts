/** Things of GitHub in the shape in which its API and its webhooks show them. */
import { fullName, type Installation, type Pull, type Repository, type World } from './state.ts'

const isoTime = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')

/** A stable number for a login. */
const userId = (login: string) => [...login].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1e8, 7)

export function presentUser(login: string) {
  const type = login.endsWith('[bot]') ? 'Bot' : 'User'
  return { login, id: userId(login), node_id: `U_${userId(login)}`, type, site_admin: false }
}

/** The person has an account of their own; every other account is an organization. */
export function presentAccount(world: World, login: string) {
  const type = login === world.person.login ? 'User' : 'Organization'
  return { ...presentUser(login), type, html_url: `${world.origin}/${login}` }
}

export function presentRepository(world: World, repository: Repository) {
  const url = `${world.origin}/${fullName(repository)}`
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName(repository),
    owner: presentAccount(world, repository.owner),
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    archived: repository.archived,
    disabled: false,
    fork: false,
    default_branch: repository.defaultBranch,
    html_url: url,
    clone_url: `${url}.git`,
    url: `${world.origin}/api/v3/repos/${fullName(repository)}`,
    size: repository.sizeKilobytes,
    description: null,
  }
}

export function presentInstallation(world: World, installation: Installation) {
  return {
    id: installation.id,
    app_id: world.app.id,
    app_slug: world.app.slug,
    account: presentAccount(world, installation.account),
    target_type: installation.account === world.person.login ? 'User' : 'Organization',
    repository_selection: installation.selection,
    permissions: { metadata: 'read', ...installation.permissions },
    events: world.app.events,
    html_url: `${world.origin}/settings/installations/${installation.id}`,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    suspended_at: installation.suspended ? '2026-01-01T00:00:00Z' : null,
    suspended_by: installation.suspended ? presentUser(world.person.login) : null,
  }
}

/** `isWhole`: as the endpoint of one pull request shows it; lists leave out what has to be worked out. */
export function presentPull(world: World, repository: Repository, pull: Pull, isWhole = true) {
  const url = `${world.origin}/${fullName(repository)}/pull/${pull.number}`
  const end = ({ ref, sha }: Pull['head']) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: presentAccount(world, repository.owner),
    repo: presentRepository(world, repository),
  })
  const whole = {
    merged: pull.mergedAt !== null,
    mergeable: pull.state === 'closed' ? null : pull.mergeable,
    mergeable_state: pull.mergeable === null ? 'unknown' : pull.mergeable ? 'clean' : 'dirty',
    merged_by: pull.mergedAt === null ? null : presentUser(world.person.login),
  }
  return {
    id: repository.id * 1000 + pull.number,
    node_id: `PR_${repository.id}_${pull.number}`,
    url: `${world.origin}/api/v3/repos/${fullName(repository)}/pulls/${pull.number}`,
    html_url: url,
    number: pull.number,
    state: pull.state,
    locked: false,
    draft: false,
    title: pull.title,
    body: pull.body,
    user: presentUser(pull.author),
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: isoTime(pull.closedAt),
    merged_at: isoTime(pull.mergedAt),
    merge_commit_sha: pull.mergeSha,
    head: end(pull.head),
    base: end(pull.base),
    ...(isWhole ? whole : {}),
  }
}
