/**
 * The bridge from a node:http request to `git http-backend`, the CGI program that ships with Git. Both stand-ins (GitHub and the plain
 * Git servers) answer with it, so what the product talks to is Git itself and not our idea of it.
 */
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface BackendRequest {
  /** Folder that holds the bare repositories. */
  root: string
  /** Path inside `root`, for example `/7.git/info/refs`. */
  path: string
  query: string
  /** Name shown to hooks; Git refuses to receive a push without one. */
  user: string
  /** More environment, read by hooks. */
  env?: Record<string, string>
  /** The body, when it has been read already. */
  body?: Buffer
}

/** Streams one request through `git http-backend`; resolves when the answer has been written or the client has gone. */
export function serveGit(request: IncomingMessage, response: ServerResponse, options: BackendRequest): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: cgiEnvironment(request, options),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  if (options.body === undefined) request.pipe(child.stdin)
  else child.stdin.end(options.body)
  response.on('close', () => child.kill())
  let stderr = ''
  child.stderr.on('data', (bytes: Buffer) => {
    if (stderr.length < 10_000) stderr += bytes
  })

  return new Promise((resolve) => {
    let head = Buffer.alloc(0)
    const onHead = (bytes: Buffer) => {
      head = Buffer.concat([head, bytes])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      child.stdout.off('data', onHead)
      writeHead(response, head.subarray(0, end).toString('latin1'))
      response.write(head.subarray(end + 4))
      child.stdout.pipe(response)
    }
    child.stdout.on('data', onHead)
    child.on('close', () => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' }).end(stderr)
      resolve()
    })
  })
}

function cgiEnvironment(request: IncomingMessage, options: BackendRequest): Record<string, string> {
  const header = (name: string) => String(request.headers[name] ?? '')
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROJECT_ROOT: options.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: options.path,
    QUERY_STRING: options.query,
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_USER: options.user,
    ...options.env,
  }
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else response.appendHeader(name, value)
  }
  response.writeHead(status)
}
