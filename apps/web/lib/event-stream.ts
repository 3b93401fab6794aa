// Server-sent events with their shapes checked. The browser resumes a broken stream itself (Last-Event-ID); what it
// gives up on (an answer that is no stream: a restart, a lost session) is tried again here, ever more slowly.

import type { Schema } from './api/schema.ts'

const firstRetryMs = 1_000
const retryMsMax = 30_000

export type EventStreamState = 'connecting' | 'open' | 'waiting'

/** What an event stream needs; `types` are the values of the SSE `event` field. */
export type EventStreamOptions<Event> = {
  url: string
  types: readonly string[]
  schema: Schema<Event>
  onEvent: (event: Event) => void
  onState?: (state: EventStreamState) => void
}

/** Follows a stream until the returned function is called. Events of an unknown shape are left out. */
export function openEventStream<Event>(options: EventStreamOptions<Event>): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = firstRetryMs
  let isClosed = false

  const receive = (message: MessageEvent<string>) => {
    let data: unknown
    try {
      data = JSON.parse(message.data)
    } catch {
      return
    }
    const parsed = options.schema.safeParse(data)
    if (parsed.success) options.onEvent(parsed.data)
  }

  const connect = () => {
    options.onState?.('connecting')
    source = new EventSource(options.url)
    for (const type of options.types) source.addEventListener(type, receive)
    source.onopen = () => {
      retryMs = firstRetryMs
      options.onState?.('open')
    }
    source.onerror = () => {
      options.onState?.('waiting')
      if (isClosed || source?.readyState !== EventSource.CLOSED) return
      timer = setTimeout(connect, retryMs)
      retryMs = Math.min(retryMs * 2, retryMsMax)
    }
  }

  connect()
  return () => {
    isClosed = true
    clearTimeout(timer)
    source?.close()
  }
}
