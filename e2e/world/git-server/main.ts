/**
 * A plain Git server for tests of imports, as a process of its own: the bare repositories of a folder over smart HTTP without a password, and
 * paths that behave badly. It prints one line of JSON, `{url}`, when it listens, and ends when its standard input closes.
 *
 *     node e2e/world/git-server/main.ts --port 0 --root <folder of bare repositories>
 *
 * - `/<name>.git/…`          the repository
 * - `/private/…`             asks for a password
 * - `/broken/…`              answers 500
 * - `/page/…`                answers with a web page
 * - `/redirect/<n>/<url>/…`  redirects n times, then to the URL (percent-encoded)
 * - `/silent/…`              takes the request and never answers
 * - `/stalling/<name>.git/…` greets like the repository, then never sends a pack
 * - `/endless/<name>.git/…`  greets like the repository, then sends a pack without an end
 * - `/turning/<name>.git/…`  greets a plain request like the repository, and sends Git (which asks for protocol 2) to `/stolen`
 * - `/_calls`                what was asked, as JSON
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { serveGit } from '../git-backend.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, root: { type: 'string' } } })
const root = values.root
if (root === undefined) throw new Error('--root <folder> is needed')
const calls: string[] = []

const behaviours: Record<string, (url: URL, request: IncomingMessage, response: ServerResponse) => void> = {
  private: (_url, _request, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="Git"' }).end(),
  broken: (_url, _request, response) => response.writeHead(500).end(),
  page: (_url, _request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'),
  redirect: (url, _request, response) => response.writeHead(302, { location: nextLocation(url) }).end(),
  silent: () => {},
  turning: (url, request, response) => {
    if (request.headers['git-protocol'] === undefined) greetThen(url, request, response, () => {})
    else response.writeHead(302, { location: `/stolen${url.search}` }).end()
  },
  stalling: (url, request, response) => greetThen(url, request, response, () => {}),
  endless: (url, request, response) => greetThen(url, request, response, () => sendForEver(response)),
}

function nextLocation(url: URL): string {
  const [, , count = '0', target = '', ...rest] = url.pathname.split('/')
  const tail = `${rest.join('/')}${url.search}`
  return Number(count) > 1
    ? `/redirect/${Number(count) - 1}/${target}/${tail}`
    : `${decodeURIComponent(target)}/${tail}`
}

/** Answers like the repository until the call that asks for objects (protocol 2 asks for the refs with a POST as well). */
async function greetThen(
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  then: () => void,
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const path = url.pathname.replace(/^\/[a-z]+/, '')
  if (body.includes('command=fetch')) then()
  else serve(path, url, request, response, body)
}

function sendForEver(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
  response.write('000dpackfile\n')
  // A pack of one object, a blob that claims 36 PB, in a zlib stream of stored blocks: all of it is well formed, it only never ends.
  let next = Buffer.from('5041434b0000000200000001bf808080808080017801', 'hex')
  const block = Buffer.alloc(60_005, 'endless ')
  block.writeUInt8(0, 0)
  block.writeUInt16LE(60_000, 1)
  block.writeUInt16LE(60_000 ^ 0xffff, 3)
  const send = () => {
    if (response.destroyed) return
    const length = (next.length + 5).toString(16).padStart(4, '0')
    const line = Buffer.concat([Buffer.from(length), Buffer.from([1]), next])
    next = block
    if (response.write(line)) setImmediate(send)
    else response.once('drain', send)
  }
  send()
}

function serve(path: string, url: URL, request: IncomingMessage, response: ServerResponse, body?: Buffer): void {
  const place = { root: root ?? '', path, query: url.search.slice(1), user: '' }
  serveGit(request, response, body === undefined ? place : { ...place, body })
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/_calls') {
    response.end(JSON.stringify(calls))
    return
  }
  calls.push(`${request.method} ${url.pathname}`)
  const behaviour = behaviours[url.pathname.split('/')[1] ?? '']
  if (behaviour === undefined) serve(url.pathname, url, request, response)
  else behaviour(url, request, response)
})
server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
