/** The crowd, seen from the program that measures: orders go to its process, figures come back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Answer, OpenOrder, Order } from './crowd.ts'
import type { BenchServer } from './servers.ts'
import type { BenchWorld } from './world.ts'

/** One document and who looks at it. */
export interface Room {
  document: string
  writers: number
  viewers: number
}

export interface OpenOptions {
  /** How many come at the same time; default 64. */
  atOnce?: number
  /** What the clients have already, as a state vector. */
  known?: Uint8Array
  /** Default: at the end. */
  typing?: OpenOrder['typing']
}

const NOTHING_KNOWN = Uint8Array.of(0)

export class Audience {
  readonly #world: BenchWorld
  readonly #server: BenchServer
  readonly #process: ChildProcess
  #sessions = 0

  constructor(world: BenchWorld, server: BenchServer) {
    this.#world = world
    this.#server = server
    this.#process = spawn(process.execPath, [path.join(import.meta.dirname, 'crowd.ts')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  /** Everybody takes a seat, each on a socket of their own, signed in as the next person in turn; writers before viewers. */
  open(
    rooms: readonly Room[],
    { atOnce = 64, known = NOTHING_KNOWN, typing = 'at the end' }: OpenOptions = {},
  ): Promise<Answer> {
    const { port, dialect, kind } = this.#server
    const seatIn = (document: string, isWriter: boolean): OpenOrder['seats'][number] => {
      const person = this.#world.people[this.#sessions % this.#world.people.length]
      // Our own client opens every document under a session; stock Hocuspocus does better without.
      const session = kind === 'skein' ? `s${this.#sessions}` : null
      this.#sessions++
      return {
        port,
        dialect,
        document,
        session,
        isWriter,
        token: person?.token ?? '',
        known: Buffer.from(known).toString('base64'),
      }
    }
    const seats = rooms.flatMap(({ document, writers, viewers }) =>
      Array.from({ length: writers + viewers }, (_, n) => seatIn(document, n < writers)),
    )
    return this.#ask({ do: 'open', seats, typing, atOnce })
  }

  /** Every writer types for that long, whatever the server does. */
  type(perSecond: number, ms: number): Promise<Answer> {
    return this.#ask({ do: 'type', perSecond, ms })
  }

  /** Every writer types the next letter when the last one is acknowledged. */
  typeOn(ms: number): Promise<Answer> {
    return this.#ask({ do: 'type-on', ms })
  }

  leave(): Promise<Answer> {
    return this.#ask({ do: 'leave' })
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }

  async #ask(order: Order): Promise<Answer> {
    this.#process.send(order)
    const [message] = await once(this.#process, 'message')
    if ('failure' in message) throw new Error(`${this.#server.kind}: ${message.failure}`)
    return message.answer
  }
}

/** Runs a fresh server with an audience, and ends both whatever happens. */
export async function measureWith<T>(
  world: BenchWorld,
  server: BenchServer,
  work: (audience: Audience) => Promise<T>,
): Promise<T> {
  const audience = new Audience(world, server)
  try {
    return await work(audience)
  } finally {
    await audience.stop()
    await server.stop()
  }
}
