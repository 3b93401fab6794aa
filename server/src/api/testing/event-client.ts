/** Reads server-sent events of an answer, as a browser would. */

/** Only there to end a test that failed. */
const waitMsMax = 20_000

export interface ReceivedEvent {
  id: number | null
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came, and fails when it is not there
  data: any
}

export class EventClient {
  readonly received: ReceivedEvent[] = []
  /** What a browser would send as Last-Event-ID. */
  lastId: number | null = null
  isEnded = false
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #done: Promise<void>
  #wake: () => void = () => {}

  constructor(answer: Response) {
    if (!answer.body || answer.status !== 200) throw new Error(`no stream: ${answer.status}`)
    this.#reader = answer.body.getReader()
    this.#done = this.#read()
  }

  /** Waits until an event satisfies `isWanted`, and gives it; looks at those already received too. */
  async find(isWanted: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent> {
    const until = Date.now() + waitMsMax
    for (;;) {
      const found = this.received.find(isWanted)
      if (found) return found
      if (this.isEnded || Date.now() > until) {
        throw new Error(`no such event; received: ${JSON.stringify(this.received).slice(0, 2_000)}`)
      }
      await this.#next(until)
    }
  }

  /** Waits until the first block, with the number of the last event, is there. */
  async opened(): Promise<this> {
    const until = Date.now() + waitMsMax
    while (this.lastId === null && !this.isEnded && Date.now() < until) await this.#next(until)
    return this
  }

  /** Resolves when the server ends the stream. */
  ended(): Promise<void> {
    return this.#done
  }

  async close(): Promise<void> {
    await this.#reader.cancel()
    await this.#done
  }

  #next(until: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, until - Date.now()))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done, value } = await this.#reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) this.#take(block)
      this.#wake()
    }
    this.isEnded = true
    this.#wake()
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
    )
    const id = fields.get('id')
    if (id !== undefined) this.lastId = Number(id)
    const data = fields.get('data')
    if (data === undefined) return
    this.received.push({
      id: id === undefined ? null : Number(id),
      type: fields.get('event') ?? 'message',
      data: JSON.parse(data),
    })
  }
}
