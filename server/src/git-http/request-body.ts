/** The body of a request as it comes: unpacked, bounded, and not waited for for ever. */
import type { IncomingMessage } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** The request was larger than what is taken. */
export class RequestTooLargeError extends Error {
  override readonly name = 'RequestTooLargeError'
}

/** The client went, or sent nothing for too long, before all had come. */
export class RequestBrokenOffError extends Error {
  override readonly name = 'RequestBrokenOffError'
}

export interface BodyLimits {
  /** After decompression. */
  bytesMax: number
  /** Longest silence. */
  silenceMsMax: number
  /** How long a client may take beyond what its bytes take at 10 kB a second; default 30 seconds. */
  patienceMs?: number
}

/** Slower than any line that people use, and fast enough that a byte a minute holds nothing for long. */
const bytesPerMsMin = 10

/** Chunks of the body. Throws RequestTooLargeError and RequestBrokenOffError. Only the time that the client lets us wait counts against it. */
export async function* readBody(
  request: IncomingMessage,
  { bytesMax, silenceMsMax, patienceMs = 30_000 }: BodyLimits,
): AsyncGenerator<Buffer, undefined> {
  const body = /\bgzip\b/.test(request.headers['content-encoding'] ?? '') ? unpack(request) : request
  // Not destroyed when the loop ends early: the same connection carries the answer that says why.
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>
  let bytes = 0
  let waitedMs = 0
  try {
    for (;;) {
      const since = performance.now()
      const leftMs = Math.min(silenceMsMax, patienceMs + bytes / bytesPerMsMin - waitedMs)
      const onLate = () => body.destroy(new RequestBrokenOffError('the client sends nothing, or too slowly'))
      const timer = setTimeout(onLate, Math.max(0, leftMs))
      const { done, value } = await chunks.next().finally(() => clearTimeout(timer))
      if (done) return
      waitedMs += performance.now() - since
      bytes += value.length
      if (bytes > bytesMax) throw new RequestTooLargeError()
      yield value
    }
  } catch (error) {
    const isOurs = error instanceof RequestTooLargeError || error instanceof RequestBrokenOffError
    throw isOurs ? error : new RequestBrokenOffError('the client has gone', { cause: error })
  } finally {
    await chunks.return?.()
  }
}

function unpack(request: IncomingMessage): Readable {
  const body = createGunzip()
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('the client has gone'))
  })
  return request.pipe(body)
}

/** Until a stream takes more, or is closed. */
export function untilReady(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.once('drain', done)
    stream.once('close', done)
  })
}
