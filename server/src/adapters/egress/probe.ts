/**
 * Asks a Git server for its refs before Git itself is let near it: follows redirects by our own rules, tells a private repository from a
 * missing one, and learns the default branch. Git then gets the final URL and follows nothing.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { checkRemoteUrl } from '../../policies/remote-url.ts'
import { type Advertisement, parseAdvertisement } from './advertisement.ts'
import { type Dial, DialRefused, type Target } from './dial.ts'

const redirectsMax = 3
const timeoutMs = 20_000
/** Enough for the default branch, which comes first, also of a repository with many refs. */
const bodyBytesMax = 65_536
const query = '/info/refs?service=git-upload-pack'

export type Probe =
  | { kind: 'repository'; url: URL; isTrusted: boolean; advertisement: Advertisement }
  | { kind: 'unreachable' | 'private' | 'not-a-repository' | 'refused'; detail: string }

export interface ProbeOptions {
  dial: Dial
  trustedHosts: readonly string[]
  signal: AbortSignal
}

/** Asks `url`, which has been checked, and whatever it redirects to, which is checked here. Throws only when `signal` is aborted. */
export async function probeRemote(url: URL, options: ProbeOptions): Promise<Probe> {
  let current = url
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const checked = checkRemoteUrl(current.href, options.trustedHosts)
    if (!checked.ok) return { kind: 'refused', detail: `It leads to ${current.host}: ${checked.message}` }
    const answer = await ask(checked.url, checked.isTrusted, options)
    if (answer instanceof Error) {
      options.signal.throwIfAborted()
      const kind = answer instanceof DialRefused && answer.reason === 'not-public' ? 'refused' : 'unreachable'
      return { kind, detail: answer.message }
    }
    const location = answer.status >= 300 && answer.status < 400 ? answer.location : null
    if (location === null) return judge(checked.url, checked.isTrusted, answer)
    const next = URL.parse(location, `${checked.url.href.replace(/\/$/, '')}${query}`)
    if (next === null || !next.href.endsWith(query))
      return { kind: 'not-a-repository', detail: 'It leads to a web page.' }
    current = new URL(next.href.slice(0, -query.length))
  }
  return { kind: 'not-a-repository', detail: `It redirects more than ${redirectsMax} times.` }
}

interface Answer {
  status: number
  location: string | null
  type: string
  body: Buffer
}

function judge(url: URL, isTrusted: boolean, answer: Answer): Probe {
  const { status } = answer
  if (status === 401 || status === 403) return { kind: 'private', detail: `The server answered ${status}.` }
  if (status === 404 || status === 410) return { kind: 'not-a-repository', detail: `The server answered ${status}.` }
  if (status >= 500 || status === 429) return { kind: 'unreachable', detail: `The server answered ${status}.` }
  const advertisement =
    status === 200 && answer.type.startsWith('application/x-git-upload-pack-advertisement')
      ? parseAdvertisement(answer.body)
      : null
  if (advertisement === null) return { kind: 'not-a-repository', detail: 'What answers there is not a Git server.' }
  return { kind: 'repository', url, isTrusted, advertisement }
}

/** One request over a connection of ours; resolves with the error when it fails. */
async function ask(url: URL, isTrusted: boolean, { dial, signal }: ProbeOptions): Promise<Answer | Error> {
  const isTls = url.protocol === 'https:'
  try {
    const plain = await dial(urlToTarget(url, isTrusted))
    const socket = isTls ? secure(plain, url.hostname) : plain
    return await new Promise<Answer>((resolve, reject) => {
      const asked = requestHttp(
        {
          path: `${url.pathname.replace(/\/$/, '')}${query}`,
          // GitHub and others answer some things to Git alone.
          headers: { host: url.host, 'user-agent': 'git/2.40.0 (Skein)', accept: '*/*' },
          createConnection: () => socket,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        },
        (answer) => readAnswer(answer).then(resolve, reject),
      )
      asked.once('error', reject)
      socket.once('error', reject)
      asked.end()
    })
  } catch (error) {
    if (error instanceof DialRefused) return error
    const { code, name, message } = error as NodeJS.ErrnoException
    return new Error(
      name === 'TimeoutError' ? `${url.host} did not answer in time.` : `${url.host}: ${code ?? message}.`,
    )
  }
}

/** Names travel in the greeting; addresses may not, but are compared with the certificate all the same. */
function secure(socket: Socket, hostname: string): TLSSocket {
  const host = hostname.replace(/^\[|\]$/g, '')
  return connectTls({ socket, host, ...(isIP(host) === 0 && { servername: host }) })
}

async function readAnswer(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > bodyBytesMax) break
  }
  answer.destroy()
  return {
    status: answer.statusCode ?? 0,
    location: answer.headers.location ?? null,
    type: answer.headers['content-type'] ?? '',
    body: Buffer.concat(chunks).subarray(0, bodyBytesMax),
  }
}

/** Where the requests to a URL go. */
export function urlToTarget(url: URL, isTrusted: boolean): Target {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, isTrusted }
}
