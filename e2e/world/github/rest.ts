/** The REST calls of GitHub that Skein uses, behind the same checks; every other call is answered 501, so that a new use is noticed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerJson, answerRefusal, Refused, readJson } from './answers.ts'
import { checkAppJwt } from './app-jwt.ts'
import {
  addToken,
  findRepository,
  fullName,
  type Installation,
  now,
  type Permissions,
  type Repository,
  type Token,
  type World,
} from './state.ts'

interface Call {
  world: World
  /** Address of the stand-in, for the links in its answers. */
  origin: string
  url: URL
  request: IncomingMessage
  response: ServerResponse
  parts: string[]
}

interface Route {
  method: 'GET' | 'POST'
  pattern: RegExp
  answer: (call: Call) => Promise<void> | void
}

const routes: Route[] = [
  { method: 'GET', pattern: /^\/app$/, answer: getApp },
  { method: 'GET', pattern: /^\/app\/installations\/(\d+)$/, answer: getInstallation },
  { method: 'POST', pattern: /^\/app\/installations\/(\d+)\/access_tokens$/, answer: createToken },
  { method: 'GET', pattern: /^\/installation\/repositories$/, answer: listRepositories },
  { method: 'GET', pattern: /^\/repositories\/(\d+)$/, answer: getRepositoryById },
  { method: 'GET', pattern: /^\/repos\/([^/]+)\/([^/]+)$/, answer: getRepositoryByName },
]

/** Answers one API call; `path` is what follows the API's prefix. */
export async function answerRest(
  world: World,
  origin: string,
  path: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.headers['user-agent'] === undefined) return answerRefusal(world, response, 'api-no-user-agent')
  const route = routes.find((candidate) => candidate.method === request.method && candidate.pattern.test(path))
  if (route === undefined) return answerRefusal(world, response, 'api-unknown')
  world.quotaLeft = Math.max(0, world.quotaLeft - 1)
  const parts = (route.pattern.exec(path)?.slice(1) ?? []).map(decodeURIComponent)
  try {
    await route.answer({ world, origin, url, request, response, parts })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    answerRefusal(world, response, error.row)
  }
}

function credentials(call: Call): string {
  const match = /^(?:bearer|token) (.+)$/i.exec(call.request.headers.authorization ?? '')
  if (match?.[1] === undefined) throw new Refused('api-no-credentials')
  return match[1]
}

function requireApp(call: Call): void {
  const credential = credentials(call)
  if (credential.startsWith('ghs_')) throw new Refused('api-token-for-app-call')
  const refusal = checkAppJwt(call.world, credential)
  if (refusal !== null) throw new Refused(refusal)
}

function requireToken(call: Call): { token: Token; installation: Installation } {
  const { world } = call
  const credential = credentials(call)
  if (credential.includes('.')) throw new Refused('api-jwt-for-installation-call')
  const token = world.tokens.get(credential)
  const installation = token === undefined ? undefined : world.installations.get(token.installationId)
  if (token === undefined || token.expiresAt <= now(world) || installation === undefined)
    throw new Refused('api-bad-token')
  if (installation.suspended) throw new Refused('installation-suspended')
  return { token, installation }
}

function requireRepository(call: Call, repository: Repository | undefined): Repository {
  const { token, installation } = requireToken(call)
  // A token may have been minted before the repository was taken out of the installation.
  const visible =
    repository !== undefined &&
    token.repositoryIds.includes(repository.id) &&
    installation.repositoryIds.includes(repository.id)
  if (!visible) throw new Refused('repository-hidden')
  return repository
}

function getApp(call: Call): void {
  requireApp(call)
  const { world, response } = call
  answerJson(world, response, 200, { id: world.appId, slug: world.slug, name: 'Skein (test)' })
}

function getInstallation(call: Call): void {
  requireApp(call)
  const installation = call.world.installations.get(Number(call.parts[0]))
  if (installation === undefined) throw new Refused('installation-unknown')
  answerJson(call.world, call.response, 200, presentInstallation(installation))
}

function presentInstallation(installation: Installation) {
  return {
    id: installation.id,
    account: { login: installation.account },
    repository_selection: 'selected',
    permissions: { metadata: 'read', ...installation.permissions },
    suspended_at: installation.suspended ? '2026-01-01T00:00:00Z' : null,
  }
}

async function createToken(call: Call): Promise<void> {
  requireApp(call)
  const { world } = call
  const installation = world.installations.get(Number(call.parts[0]))
  if (installation === undefined) throw new Refused('installation-unknown')
  if (installation.suspended) throw new Refused('installation-suspended')
  const body = await readJson(call.request)
  const wanted = (body.repository_ids ?? installation.repositoryIds) as number[]
  const known = (id: number) => installation.repositoryIds.includes(id) && world.repositories.has(id)
  if (!wanted.every(known)) throw new Refused('token-repositories')
  const permissions = (body.permissions ?? installation.permissions) as Permissions
  for (const [name, level] of Object.entries(permissions)) {
    const granted = name === 'metadata' ? 'read' : installation.permissions[name]
    if (granted === undefined || (level === 'write' && granted === 'read')) throw new Refused('token-permissions')
  }
  const token = addToken(world, { installationId: installation.id, repositoryIds: wanted, permissions })
  answerJson(world, call.response, 201, {
    token: token.value,
    expires_at: new Date(token.expiresAt).toISOString(),
    permissions: { metadata: 'read', ...permissions },
    repository_selection: 'selected',
  })
}

function listRepositories(call: Call): void {
  const { token, installation } = requireToken(call)
  const all = token.repositoryIds
    .filter((id) => installation.repositoryIds.includes(id))
    .flatMap((id) => call.world.repositories.get(id) ?? [])
  const size = Math.min(100, Number(call.url.searchParams.get('per_page') ?? 30))
  const page = Math.max(1, Number(call.url.searchParams.get('page') ?? 1))
  const repositories = all
    .slice((page - 1) * size, page * size)
    .map((repository) => presentRepository(call, repository))
  answerJson(call.world, call.response, 200, { total_count: all.length, repositories })
}

function getRepositoryById(call: Call): void {
  const repository = requireRepository(call, call.world.repositories.get(Number(call.parts[0])))
  answerJson(call.world, call.response, 200, presentRepository(call, repository))
}

function getRepositoryByName(call: Call): void {
  const found = findRepository(call.world, call.parts.slice(0, 2).join('/'))
  const repository = requireRepository(call, found?.repository)
  if (found?.moved === true) {
    const location = `${call.origin}/api/v3/repositories/${repository.id}`
    answerJson(call.world, call.response, 301, { message: 'Moved Permanently', url: location }, { location })
    return
  }
  answerJson(call.world, call.response, 200, presentRepository(call, repository))
}

function presentRepository(call: Call, repository: Repository) {
  return {
    id: repository.id,
    name: repository.name,
    full_name: fullName(repository),
    owner: { login: repository.owner },
    private: repository.private,
    archived: repository.archived,
    disabled: false,
    default_branch: repository.defaultBranch,
    html_url: `${call.origin}/${fullName(repository)}`,
    clone_url: `${call.origin}/${fullName(repository)}.git`,
  }
}
