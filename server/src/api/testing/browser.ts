/** Clients of the API for tests: one that keeps cookies and sends the headers of a browser, one that sends an API token. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../env.ts'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and fails when it is not there
  body: any
}

interface Options {
  headers?: Record<string, string>
  /** The address that the request comes from. */
  from?: string
}

type App = OpenAPIHono<ApiEnv>

async function send(app: App, url: URL, init: RequestInit, from: string): Promise<Answer> {
  const incoming = { socket: { remoteAddress: from } } as ApiEnv['Bindings']['incoming']
  const answer = await app.request(url.href, init, { incoming })
  const type = answer.headers.get('content-type') ?? ''
  const isStream = type.startsWith('text/event-stream')
  // A stream of events has no end; whoever wants its events reads them elsewhere.
  if (isStream) await answer.body?.cancel()
  const text = isStream ? '' : await answer.text()
  const isJson = type.includes('json')
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text }
}

const bodyOf = (body: unknown): Pick<RequestInit, 'body'> => (body === undefined ? {} : { body: JSON.stringify(body) })
const typeOf = (body: unknown): Record<string, string> =>
  body === undefined ? {} : { 'content-type': 'application/json' }

/** A browser window: cookies, `Origin` and `Sec-Fetch-Site` as one sends them from a page of `origin`. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: App
  readonly #origin: string

  constructor(app: App, origin: string) {
    this.#app = app
    this.#origin = origin
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, from = '198.51.100.7' }: Options = {},
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(
      this.#app,
      new URL(path, this.#origin),
      {
        method,
        ...bodyOf(body),
        headers: {
          ...(cookie && { cookie }),
          ...(method !== 'GET' && { origin: this.#origin }),
          'sec-fetch-site': 'same-origin',
          ...typeOf(body),
          ...headers,
        },
      },
      from,
    )
    for (const line of answer.headers.getSetCookie()) this.#keep(line)
    return answer
  }

  get = (path: string, options?: Options): Promise<Answer> => this.request('GET', path, undefined, options)
  post = (path: string, body?: unknown, options?: Options): Promise<Answer> => this.request('POST', path, body, options)
  patch = (path: string, body?: unknown, options?: Options): Promise<Answer> =>
    this.request('PATCH', path, body, options)
  delete = (path: string, body?: unknown, options?: Options): Promise<Answer> =>
    this.request('DELETE', path, body, options)

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** A program with an API token. */
export const withToken =
  (app: App, token: string, origin = 'http://localhost:3000') =>
  (
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, from = '198.51.100.9' }: Options = {},
  ): Promise<Answer> =>
    send(
      app,
      new URL(path, origin),
      { method, ...bodyOf(body), headers: { authorization: `Bearer ${token}`, ...typeOf(body), ...headers } },
      from,
    )
