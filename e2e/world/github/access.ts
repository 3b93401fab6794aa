/** Who calls the API, and what they may see: an App by its JSON web token, an installation or a person by a token. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { quotaHeaders, Refused } from './answers.ts'
import { checkAppJwt } from './app-jwt.ts'
import {
  findRepository,
  type Installation,
  levelOf,
  now,
  type Repository,
  reaches,
  type Token,
  type World,
} from './state.ts'

export interface Call {
  world: World
  /** Address of the stand-in, for the links in its answers. */
  origin: string
  url: URL
  /** What follows the API's prefix. */
  path: string
  request: IncomingMessage
  response: ServerResponse
  parts: string[]
  body: Record<string, unknown>
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH'
  pattern: RegExp
  answer: (call: Call) => Promise<void> | void
}

function credentials(call: Call): string {
  const match = /^(?:bearer|token) (.+)$/i.exec(call.request.headers.authorization ?? '')
  if (match?.[1] === undefined) throw new Refused('api-no-credentials')
  return match[1]
}

export function requireApp(call: Call): void {
  const credential = credentials(call)
  if (/^gh[su]_/.test(credential)) throw new Refused('api-token-for-app-call')
  const refusal = checkAppJwt(call.world, credential)
  if (refusal !== null) throw new Refused(refusal)
}

export function requireToken(call: Call): { token: Token; installation: Installation } {
  const { world } = call
  const credential = credentials(call)
  if (credential.includes('.')) throw new Refused('api-jwt-for-installation-call')
  if (credential.startsWith('ghu_')) throw new Refused('api-person-for-installation-call')
  const token = world.tokens.get(credential)
  const installation = token === undefined ? undefined : world.installations.get(token.installationId)
  if (token === undefined || token.expiresAt <= now(world) || installation === undefined)
    throw new Refused('api-bad-token')
  if (installation.suspended) throw new Refused('installation-suspended')
  return { token, installation }
}

/** Whoever came through the sign-in; the installation's own token is not a person. */
export function requirePerson(call: Call): void {
  const credential = credentials(call)
  if (credential.startsWith('ghs_') || credential.includes('.')) throw new Refused('api-not-accessible')
  if (!call.world.personTokens.has(credential)) throw new Refused('api-bad-token')
}

/** The token, when it has that right now. */
export function requirePermission(call: Call, permission: string, level: 'read' | 'write'): Token {
  const { token } = requireToken(call)
  const present = levelOf(call.world, token, permission)
  if (present === 'none' || (level === 'write' && present === 'read')) throw new Refused('api-not-accessible')
  return token
}

export function requireRepository(call: Call, repository: Repository | undefined): Repository {
  const { token } = requireToken(call)
  if (repository === undefined || !reaches(call.world, token, repository)) throw new Refused('repository-hidden')
  return repository
}

/**
 * The repository of the path's first two parts. One that has moved away from that name is answered by a redirect, and null given: GitHub asks
 * every client to follow it, for other methods than GET with 307.
 */
export function requireNamedRepository(call: Call): Repository | null {
  const found = findRepository(call.world, call.parts.slice(0, 2).join('/'))
  const repository = requireRepository(call, found?.repository)
  if (found?.moved !== true) return repository
  const rest = call.path.split('/').slice(4).join('/')
  const location = `${call.origin}/api/v3/repositories/${repository.id}${rest === '' ? '' : `/${rest}`}${call.url.search}`
  const status = call.request.method === 'GET' ? 301 : 307
  const message = status === 301 ? 'Moved Permanently' : 'Temporary Redirect'
  const headers = { location, 'content-type': 'application/json; charset=utf-8' }
  call.response.writeHead(status, { ...headers, ...quotaHeaders(call.world) })
  call.response.end(JSON.stringify({ message, url: location, documentation_url: 'https://docs.github.com/rest' }))
  return null
}
