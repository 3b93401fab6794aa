/**
 * Server-sent events: one answer that goes on. What a slow client has not taken is bounded (it is then cut, and
 * resumes by itself with `Last-Event-ID`), a comment every few seconds keeps proxies from closing it, and it ends
 * soon after its reader's access has.
 */
import { z } from '@hono/zod-openapi'
import { Refusal } from '@skein/protocol'

const heartbeatMs = 15_000
const accessCheckMs = 3_000
const unsentBytesMax = 1024 * 1024

/** The description of such an answer. */
export const STREAM = {
  description: 'Server-sent events; resume with Last-Event-ID',
  content: { 'text/event-stream': { schema: z.string() } },
}

export interface StreamEvent {
  event?: string
  data?: unknown
  id?: number | null
}

export interface EventStream {
  /** Sends an event; one that may be missed is left out while the client is slow. */
  send(event: StreamEvent, mayBeMissed?: boolean): void
  /** Checks the reader's access now, not only at the next turn. */
  checkAccess(): void
  end(): void
}

export interface EventStreamOptions {
  /**
   * Rejects with a Refusal when the reader may not read any more; other errors (the database is away) change nothing.
   */
  checkAccess: () => Promise<void>
  /** Begins to send; returns how to stop. */
  start: (stream: EventStream) => Promise<() => void>
  logFault: (error: unknown) => void
}

/** The answer that carries the stream. */
export function openEventStream(options: EventStreamOptions): Response {
  const encoder = new TextEncoder()
  let stop: () => void = () => {}
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        let isOpen = true
        const end = (): void => {
          if (!isOpen) return
          isOpen = false
          stop()
          controller.close()
        }
        const write = (text: string): void => {
          if (!isOpen) return
          controller.enqueue(encoder.encode(text))
          if ((controller.desiredSize ?? 0) <= 0) end()
        }
        const checkAccess = (): void => {
          options.checkAccess().catch((error: unknown) => {
            if (error instanceof Refusal) end()
          })
        }
        const stream: EventStream = {
          end,
          checkAccess,
          send: (event, mayBeMissed = false) => {
            if (mayBeMissed && (controller.desiredSize ?? 0) < unsentBytesMax / 2) return
            write(encodeEvent(event))
          },
        }
        const beats = setInterval(() => write(': beat\n\n'), heartbeatMs).unref()
        const checks = setInterval(checkAccess, accessCheckMs).unref()
        let leave: (() => void) | undefined
        stop = () => {
          isOpen = false
          clearInterval(beats)
          clearInterval(checks)
          leave?.()
        }
        write('retry: 1000\n\n')
        // Not awaited: the answer begins at once, and an unread stream must not keep its source waiting.
        options.start(stream).then(
          (given) => {
            leave = given
            if (!isOpen) leave()
          },
          (error: unknown) => {
            if (!(error instanceof Refusal)) options.logFault(error)
            end()
          },
        )
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: unsentBytesMax }),
  )
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    },
  })
}

/** An event in the format of the standard; JSON has no line breaks, so one `data` line is enough. */
function encodeEvent({ event, data, id }: StreamEvent): string {
  const lines: string[] = []
  if (id !== undefined && id !== null) lines.push(`id: ${id}`)
  if (event !== undefined) lines.push(`event: ${event}`)
  if (data !== undefined) lines.push(`data: ${JSON.stringify(data)}`)
  return `${lines.join('\n')}\n\n`
}
