/** How large a request body may be, in bytes, by route. Whatever is not named here has the default. */
import { Refusal } from '@skein/protocol'
import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from './env.ts'

const MIB = 1024 * 1024
const DEFAULT_BYTES = MIB
const LARGER: readonly { path: RegExp; bytes: number; code?: 'file-too-large' }[] = [
  /** A file as it is; the blob store takes no larger one. */
  { path: /^\/api\/v1\/projects\/[^/]+\/raw\//, bytes: 100 * MIB, code: 'file-too-large' },
  /** A text of 4 MiB inside JSON, where a character may take six bytes. */
  { path: /^\/api\/v1\/projects\/[^/]+\/(files$|content\/)/, bytes: 25 * MIB },
  /** What GitHub sends at most. */
  { path: /^(\/api\/v1)?\/webhooks\/github$/, bytes: 25 * MIB },
  { path: /^\/api\/auth\//, bytes: 16 * 1024 },
]

const limitTo = (
  bytesMax: number,
  code: 'body-too-large' | 'file-too-large' = 'body-too-large',
): MiddlewareHandler<ApiEnv> => {
  const refuse = () =>
    new Refusal(
      code,
      `The ${code === 'file-too-large' ? 'file' : 'request'} is larger than ${readableBytes(bytesMax)}.`,
      {
        hint: code === 'file-too-large' ? 'Keep large files elsewhere and link to them.' : 'Send less at once.',
        details: { bytesMax },
      },
    )
  return async (c, next) => {
    const length = c.req.header('content-length')
    if (length !== undefined && c.req.header('transfer-encoding') === undefined) {
      if (Number(length) > bytesMax) throw refuse()
      return next()
    }
    // Nobody told the length (a browser's DELETE does not either), so it is counted while the route reads, and by then it is known who
    // sends. Hono's own bodyLimit would make the new request from the old one, which is not undici's own on this server and is refused by it.
    const { url, method, headers, body, signal } = c.req.raw
    if (!body) return next()
    const counted = new CountedBody(body, bytesMax, refuse)
    c.req.raw = new Request(url, { method, headers, body: counted.stream, duplex: 'half', signal })
    await next()
    // Whoever read it may have taken the break for a mistake in what was sent.
    if (counted.isTooLarge) throw refuse()
  }
}

/** A body whose stream fails with `toError()` as soon as it is longer than `bytesMax`. */
class CountedBody {
  readonly stream: ReadableStream<Uint8Array>
  isTooLarge = false

  constructor(body: ReadableStream<Uint8Array>, bytesMax: number, toError: () => Error) {
    let bytes = 0
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.length
        this.isTooLarge = bytes > bytesMax
        if (this.isTooLarge) controller.error(toError())
        else controller.enqueue(chunk)
      },
    })
    this.stream = body.pipeThrough(count)
  }
}

const byDefault = limitTo(DEFAULT_BYTES)
const larger = LARGER.map(({ path, bytes, code }) => ({ path, limit: limitTo(bytes, code) }))

/** Refuses larger bodies with 413: before anything reads them when their length is told, else as soon as they turn out to be. */
export const limitBody: MiddlewareHandler<ApiEnv> = (c, next) =>
  (larger.find(({ path }) => path.test(c.req.path))?.limit ?? byDefault)(c, next)

const readableBytes = (bytes: number): string => (bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / 1024} KiB`)
