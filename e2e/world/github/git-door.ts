/** Git over smart HTTP with GitHub's checks at the door: token, expiry, the repositories and permissions it was narrowed to. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { serveGit } from '../git-backend.ts'
import { answerRefusal } from './answers.ts'
import { publishPushes } from './moves.ts'
import type { PushPolicy } from './push-rules.ts'
import type { RefusalName } from './refusals.ts'
import { findRepository, fullName, levelOf, now, type Repository, reaches, type Token, type World } from './state.ts'

/** GitHub's limits for one file, in bytes; a test may lower them through `/_control/limits`. */
export const limits = { fileBytesMax: 100 * 1_048_576, fileBytesGood: 50 * 1_048_576 }

const gitPath = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

/** See `holdFile` of the push policy. */
export const holdFile = (world: World): string => join(world.dataDir, 'hold-pushes')

export function isGitPath(path: string): boolean {
  return gitPath.test(path)
}

export async function answerGit(
  world: World,
  origin: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const match = gitPath.exec(url.pathname)
  const service = match?.[2] === 'info/refs' ? url.searchParams.get('service') : match?.[2]
  const found = findRepository(world, match?.[1] ?? '')
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return answerRefusal(world, response, 'git-dumb')
  const writes = service === 'git-receive-pack'

  const token = readToken(world, request)
  // Only what the public may read is served without a token.
  if (token === null && (writes || found === null || found.repository.private))
    return answerRefusal(world, response, 'git-no-credentials')
  const refusal = token === null ? null : checkToken(world, token, found?.repository, writes)
  if (refusal !== null) return answerRefusal(world, response, refusal)
  if (found === null) return answerRefusal(world, response, 'git-repository-hidden')
  if (found.moved) {
    const location = `${origin}/${fullName(found.repository)}.git/${match?.[2]}${url.search}`
    response.writeHead(301, { location }).end()
    return
  }
  await serveGit(request, response, {
    root: join(world.dataDir, 'repositories'),
    path: `/${found.repository.id}.git/${match?.[2]}`,
    query: url.search.slice(1),
    user: `${world.app.slug}[bot]`,
    env: { PUSH_POLICY: JSON.stringify(pushPolicy(world, origin, found.repository, token)) },
  })
  if (match?.[2] === 'git-receive-pack') await publishPushes(world, found.repository)
}

/** Null without credentials; `'bad'` when they are not an installation token that is known and young enough. */
function readToken(world: World, request: IncomingMessage): Token | 'bad' | null {
  const match = /^basic (.+)$/i.exec(request.headers.authorization ?? '')
  if (match?.[1] === undefined) return null
  const [user, ...password] = Buffer.from(match[1], 'base64').toString('utf8').split(':')
  const token = world.tokens.get(password.join(':'))
  return user === 'x-access-token' && token !== undefined && token.expiresAt > now(world) ? token : 'bad'
}

function checkToken(
  world: World,
  token: Token | 'bad',
  repository: Repository | undefined,
  writes: boolean,
): RefusalName | null {
  if (token === 'bad') return 'git-bad-token'
  const installation = world.installations.get(token.installationId)
  if (installation === undefined) return 'git-bad-token'
  if (installation.suspended) return 'git-suspended'
  if (repository === undefined || !reaches(world, token, repository)) return 'git-repository-hidden'
  const level = levelOf(world, token, 'contents')
  if (writes && level !== 'write') return 'git-no-write'
  if (level === 'none' && repository.private) return 'git-no-read'
  return writes && repository.archived ? 'git-archived' : null
}

function pushPolicy(world: World, origin: string, repository: Repository, token: Token | 'bad' | null): PushPolicy {
  const known = token === null || token === 'bad' ? null : token
  return {
    installationId: known?.installationId ?? 0,
    mayWriteWorkflows: known !== null && levelOf(world, known, 'workflows') === 'write',
    allowForcePushes: repository.allowForcePushes,
    protectedBranches: repository.protectedBranches,
    rules: repository.rules,
    rulesUrl: `${origin}/${fullName(repository)}/rules`,
    ...limits,
    holdFile: holdFile(world),
  }
}
