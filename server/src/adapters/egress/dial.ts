/**
 * Opens connections to hosts that strangers named. A name is resolved once, every address it has must be public, and the connection
 * goes to an address that was checked, so that a name which answers differently the second time (DNS rebinding) gains nothing.
 */
import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { isPublicAddress } from '../../policies/public-address.ts'

const connectTimeoutMs = 10_000

/** All addresses of a name; an address is its own. */
export type Resolve = (host: string) => Promise<string[]>

export interface Target {
  /** A DNS name or an address, without brackets. */
  host: string
  port: number
  /** The operator trusts this server (GIT_TRUSTED_HOSTS): private addresses are fine. */
  isTrusted: boolean
}

export type Dial = (target: Target) => Promise<Socket>

/** A connection that was not made, because nothing answered or because of what the name resolves to. */
export class DialRefused extends Error {
  readonly reason: 'unresolvable' | 'not-public' | 'unreachable'
  constructor(reason: DialRefused['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/** @param resolve how names become addresses; a parameter because tests answer for hosts that do not exist */
export function createDial(resolve: Resolve = resolveAll): Dial {
  return async ({ host, port, isTrusted }) => {
    const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host]
    if (addresses.length === 0) throw new DialRefused('unresolvable', `The name ${host} was not found.`)
    if (!isTrusted && !addresses.every(isPublicAddress)) {
      throw new DialRefused('not-public', `${host} is an address inside a private network.`)
    }
    let failure: unknown
    for (const address of addresses.slice(0, 4)) {
      try {
        return await open(address, port)
      } catch (error) {
        failure = error
      }
    }
    throw new DialRefused('unreachable', `${host} did not answer (${describe(failure)}).`)
  }
}

function open(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true })
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('no answer in time')))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // Whoever takes the socket may hand it on before it listens for errors; a lost connection must not end the process.
      socket.on('error', () => {})
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

const describe = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : 'no answer'
