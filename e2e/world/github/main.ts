/**
 * A stand-in for GitHub, as a process of its own: the REST calls that Skein uses (under `/api/v3`, as on GitHub Enterprise), real Git
 * over smart HTTP, webhooks, and the pages on which an App is made and installed. Any test may start it:
 *
 *     node e2e/world/github/main.ts --port 0 --data <empty folder>
 *
 * It prints one line of JSON, `{url, apiUrl, gitUrl}`, when it listens, and is steered through `/_control` (see control.ts). It is as
 * strict as GitHub where Skein depends on it: refusals.ts is the list.
 */
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { answerWeather } from './answers.ts'
import { answerControl } from './control.ts'
import { answerGit, isGitPath } from './git-door.ts'
import { answerPageVisit } from './pages.ts'
import { answerRest } from './rest.ts'
import { createWorld } from './state.ts'

const apiPrefix = '/api/v3'
const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, data: { type: 'string' } } })
if (values.data === undefined) throw new Error('--data <folder> is needed')
mkdirSync(values.data, { recursive: true })
const world = createWorld(values.data)
let origin = ''

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin)
  if (url.pathname.startsWith('/_control/'))
    return answerControl(world, url.pathname.slice('/_control/'.length), request, response)
  response.on('finish', () => world.calls.push(`${request.method} ${url.pathname} ${response.statusCode}`))
  const isGit = isGitPath(url.pathname) && !url.pathname.startsWith(`${apiPrefix}/`)
  if (answerWeather(world, isGit ? 'git' : 'api', request, response)) return
  const latencyMs = world.latencyMs[isGit ? 'git' : 'api']
  if (latencyMs > 0) await setTimeout(latencyMs)
  if (isGit) return answerGit(world, origin, url, request, response)
  if (!url.pathname.startsWith(`${apiPrefix}/`) && (await answerPageVisit(world, url, request, response))) return
  return answerRest(
    world,
    origin,
    url.pathname.startsWith(apiPrefix) ? url.pathname.slice(apiPrefix.length) : '',
    url,
    request,
    response,
  )
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
})
server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  origin = `http://127.0.0.1:${port}`
  world.origin = origin
  process.stdout.write(`${JSON.stringify({ url: origin, apiUrl: `${origin}${apiPrefix}`, gitUrl: origin })}\n`)
})
process.on('SIGTERM', () => process.exit(0))
// The stand-in must not outlive the test that started it: its standard input closes with the test's process.
process.stdin.on('end', () => process.exit(0)).resume()
