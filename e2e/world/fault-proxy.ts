/**
 * A TCP proxy that does to connections what networks do: holds them, slows them, cuts them into single bytes, resets them. It stands before a
 * server at an address that stays, whichever port the server has. What it does at random comes from its seed.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { seededRandom } from './seeded-random.ts'

export interface Weather {
  /** Nothing passes, either way; what was sent waits. */
  isHeld?: boolean
  /** What the server says does not pass, what it is told does. */
  isDeaf?: boolean
  /** New connections are refused, and those that stand are reset. */
  isDown?: boolean
  /** Each piece is late by a random time up to this, in milliseconds; order is kept. */
  delayMsMax?: number
  /** Each piece is passed on in slices of at most so many bytes. */
  sliceBytesMax?: number
  /** Chance for each piece that its connection is reset instead. */
  resetChance?: number
  /** Bytes a second, each way of each connection. */
  bytesPerSecond?: number
}

export interface FaultProxy {
  readonly port: number
  set(weather: Weather): void
  /** Resets every connection once. */
  resetAll(): void
  close(): Promise<void>
}

/** `target` is asked at each new connection. */
export async function openFaultProxy(target: () => { host: string; port: number }, seed = 1): Promise<FaultProxy> {
  const random = seededRandom(seed)
  let weather: Weather = {}
  let turnWeather = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  const resetAll = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  /** Passes on what comes from one side, in order, in whatever weather there is. */
  async function pass(from: Socket, to: Socket, way: 'there' | 'back'): Promise<void> {
    for await (const piece of from as AsyncIterable<Buffer>) {
      while (weather.isHeld || (weather.isDeaf && way === 'back')) await turnWeather.promise
      const { delayMsMax = 0, resetChance = 0, bytesPerSecond, sliceBytesMax = piece.length } = weather
      if (random() < resetChance) throw new Error('reset by the weather')
      const lateMs = delayMsMax * random() + (bytesPerSecond ? (1000 * piece.length) / bytesPerSecond : 0)
      if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs))
      for (let at = 0; at < piece.length; at += sliceBytesMax) {
        if (!to.write(piece.subarray(at, at + sliceBytesMax)))
          await Promise.race([once(to, 'drain'), once(to, 'close')])
      }
    }
    to.end()
  }

  const server = createServer({ noDelay: true }, (inner) => {
    if (weather.isDown) return inner.resetAndDestroy()
    const outer = connect({ ...target(), noDelay: true })
    for (const socket of [inner, outer]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const cut = () => {
      inner.resetAndDestroy()
      outer.resetAndDestroy()
    }
    pass(inner, outer, 'there').catch(cut)
    pass(outer, inner, 'back').catch(cut)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    set: (next) => {
      weather = next
      if (weather.isDown) resetAll()
      turnWeather.resolve()
      turnWeather = Promise.withResolvers<void>()
    },
    resetAll,
    close: async () => {
      resetAll()
      server.close()
      await once(server, 'close')
    },
  }
}
