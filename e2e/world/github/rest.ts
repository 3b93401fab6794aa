/** The REST calls of GitHub that Skein uses, behind the same checks; every other call is answered 501, so that a new use is noticed. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Call, Route } from './access.ts'
import { answerRefusal, Refused, readJson } from './answers.ts'
import { appRoutes } from './rest-app.ts'
import { hookRoutes } from './rest-hook.ts'
import { pullRoutes } from './rest-pulls.ts'
import { repositoryRoutes } from './rest-repositories.ts'
import { userRoutes } from './rest-user.ts'
import { now, type World } from './state.ts'

const routes: Route[] = [...appRoutes, ...hookRoutes, ...repositoryRoutes, ...pullRoutes, ...userRoutes]
const minuteMs = 60_000

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
  // Redirects of renamed repositories lead to paths with the number in place of the name.
  const named = namedPath(world, path)
  const route = routes.find((candidate) => candidate.method === request.method && candidate.pattern.test(named))
  if (route === undefined) return answerRefusal(world, response, 'api-unknown')
  world.quotaLeft = Math.max(0, world.quotaLeft - 1)
  const parts = (route.pattern.exec(named)?.slice(1) ?? []).map(decodeURIComponent)
  try {
    if (request.method !== 'GET') countContent(world, path, request)
    const body = request.method === 'GET' ? {} : await readJson(request)
    await route.answer({ world, origin, url, path, request, response, parts, body } satisfies Call)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    answerRefusal(world, response, error.row, error.more)
  }
}

function namedPath(world: World, path: string): string {
  const [, id, rest] = /^\/repositories\/(\d+)(\/.+)$/.exec(path) ?? []
  const repository = world.repositories.get(Number(id))
  return repository === undefined ? path : `/repos/${repository.owner}/${repository.name}${rest}`
}

/** GitHub's secondary limit: so many calls a minute that make content, tokens not counted. */
function countContent(world: World, path: string, request: IncomingMessage): void {
  if (path.endsWith('/access_tokens')) return
  const token = world.tokens.get(String(request.headers.authorization ?? '').replace(/^\S+ /, ''))
  if (token === undefined) return
  const at = now(world)
  const recent = (world.contentCalls.get(token.installationId) ?? []).filter((call) => call > at - minuteMs)
  world.contentCalls.set(token.installationId, recent)
  if (recent.length >= world.contentCallsPerMinute) {
    const retryAfter = String(Math.ceil(((recent[0] ?? at) + minuteMs - at) / 1000))
    throw new Refused('rate-content', { headers: { 'retry-after': retryAfter } })
  }
  recent.push(at)
}
