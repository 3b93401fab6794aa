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
}

/** Chunks of the body. Throws RequestTooLargeError and RequestBrokenOffError. */
export async function* readBody(
  request: IncomingMessage,
  { bytesMax, silenceMsMax }: BodyLimits,
): AsyncGenerator<Buffer, undefined> {
  const body = /\bgzip\b/.test(request.headers['content-encoding'] ?? '') ? unpack(request) : request
  const onSilence = () => body.destroy(new RequestBrokenOffError('the client sends nothing'))
  let timer = setTimeout(onSilence, silenceMsMax)
  let bytes = 0
  try {
    // Not destroyed when the loop ends early: the same connection carries the answer that says why.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      clearTimeout(timer)
      bytes += chunk.length
      if (bytes > bytesMax) throw new RequestTooLargeError()
      yield chunk
      timer = setTimeout(onSilence, silenceMsMax)
    }
  } catch (error) {
    const isOurs = error instanceof RequestTooLargeError || error instanceof RequestBrokenOffError
    throw isOurs ? error : new RequestBrokenOffError('the client has gone', { cause: error })
  } finally {
    clearTimeout(timer)
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
