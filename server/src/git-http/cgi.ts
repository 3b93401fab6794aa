/**
 * `git http-backend` as a CGI program: a request becomes variables and standard input, standard output becomes an
 * answer. The request was read before, the answer streams; a slow client slows Git down and nothing piles up here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { GitRequest } from './git-request.ts'
import { untilReady } from './request-body.ts'

/** Port: starts Git in a directory, with its streams in the caller's hands. */
export interface StartGit {
  start(run: {
    args: readonly string[]
    directory: string
    environment: Readonly<Record<string, string>>
    timeMaxMs: number
  }): {
    process: { stdin: Writable; stdout: Readable }
    ended: Promise<number>
    complaint: () => string
    kill: () => void
  }
}

/** A clone of a large repository over a slow line ends within this. */
const serveTimeMaxMs = 30 * 60_000
/** What a client says about what it has and wants, in bytes; Git's own default. Counted after decompression. */
export const requestBytesMax = 10 * 1024 * 1024
const headBytesMax = 16 * 1024

/**
 * Serves one request, whose body was read, from a bare repository. Rejects when Git failed; then the answer is cut off, unless nothing was
 * sent yet.
 */
export async function serveWithGit(
  git: StartGit,
  directory: string,
  { service, part }: GitRequest,
  request: IncomingMessage,
  body: Uint8Array,
  response: ServerResponse,
): Promise<void> {
  const started = git.start({
    args: ['http-backend'],
    directory,
    timeMaxMs: serveTimeMaxMs,
    environment: {
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: part === 'refs' ? '/info/refs' : `/git-${service}`,
      QUERY_STRING: part === 'refs' ? `service=git-${service}` : '',
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: readProtocol(request),
      // Above ours, so that it is always we who refuse.
      GIT_HTTP_MAX_REQUEST_BUFFER: String(2 * requestBytesMax),
    },
  })
  response.once('close', started.kill)
  try {
    started.process.stdin.end(body)
    await answer(started.process.stdout, response)
    const exitCode = await started.ended
    if (exitCode !== 0) throw new Error(`git http-backend failed (${exitCode}): ${started.complaint()}`)
    response.end()
  } catch (error) {
    started.kill()
    throw error
  } finally {
    response.off('close', started.kill)
  }
}

/** `version=2` and the like; anything else is none of Git's business. */
function readProtocol(request: IncomingMessage): string {
  const value = request.headers['git-protocol']
  return typeof value === 'string' && /^[\w=:.-]{1,200}$/.test(value) ? value : ''
}

/** Sends Git's head as the answer's, then its body; the answer is left open. */
async function answer(stdout: Readable, response: ServerResponse): Promise<void> {
  let head: Buffer = Buffer.alloc(0)
  let isHeadSent = false
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    if (isHeadSent) {
      await write(response, chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) {
      if (head.length > headBytesMax) throw new Error('git http-backend answered without a head')
      continue
    }
    sendHead(head.toString('latin1', 0, end), response)
    isHeadSent = true
    if (head.length > end + 4) await write(response, head.subarray(end + 4))
  }
}

function sendHead(head: string, response: ServerResponse): void {
  let status = 200
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500
    else response.setHeader(name, value)
  }
  response.writeHead(status)
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.destroyed) throw new Error('the client has gone')
  if (!response.write(chunk)) await untilReady(response)
}
