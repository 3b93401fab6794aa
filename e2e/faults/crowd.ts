/** F16 and F17: a crowd of idle sockets stays connected, costs little, and is back soon after the server was killed under it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createAccount } from '../kill/account.ts'
import { bootProduct } from '../world/product.ts'
import { IdleSocket } from './idle-sockets.ts'
import { until } from './load.ts'
import { residentBytes } from './resident-bytes.ts'

const SOCKETS_PER_PERSON = 100
/** Opened together; a listening socket of the system queues only so many. */
const OPENED_AT_ONCE = 100
const BYTES_PER_SOCKET_MAX = 30 * 1024
const CONNECTED_WITHIN_MS = 120_000
const BACK_WITHIN_MS = 120_000

export interface CrowdOptions {
  sockets: number
  idleMs: number
  storms: number
  tell?(line: string): void
}

/** Returns what went wrong. */
export async function runCrowd({ sockets, idleMs, storms, tell }: CrowdOptions): Promise<string[]> {
  const product = await bootProduct({ SERVICES: 'api,collab,worker', LOG_LEVEL: 'error' })
  const crowd: IdleSocket[] = []
  const wrong: string[] = []
  try {
    const people = await Promise.all(
      Array.from({ length: Math.ceil(sockets / SOCKETS_PER_PERSON) }, (_, n) => createAccount(product.url, 1, `p${n}`)),
    )
    const before = await residentBytes(product)
    for (let n = 0; n < sockets; n++) {
      const person = people[n % people.length] as (typeof people)[number]
      const socketUrl = `${product.url.replace('http', 'ws')}/collab?project=${person.projectId}`
      crowd.push(
        new IdleSocket({ socketUrl, token: person.token, documentId: person.files[0]?.documentId as string }, n),
      )
    }
    for (let n = 0; n < sockets; n += OPENED_AT_ONCE) {
      const some = crowd.slice(n, n + OPENED_AT_ONCE)
      for (const socket of some) socket.connect()
      await until('they are connected', () => some.every(({ isSynced }) => isSynced), CONNECTED_WITHIN_MS)
    }
    await sleep(idleMs)
    const drops = crowd.reduce((sum, each) => sum + each.drops, 0)
    const bytes = Math.round(((await residentBytes(product)) - before) / sockets)
    tell?.(
      `F16: ${sockets} sockets idle for ${idleMs / 1000} s, ${drops} dropped, ${Math.round(bytes / 1024)} KiB each`,
    )
    if (drops > sockets / 10_000) wrong.push(`F16: ${drops} of ${sockets} idle sockets were dropped`)
    if (sockets >= 1_000 && bytes > BYTES_PER_SOCKET_MAX) wrong.push(`F16: an idle socket takes ${bytes} bytes`)
    for (let storm = 1; storm <= storms; storm++) {
      const start = performance.now()
      await product.restart('SIGKILL')
      const isBack = () => crowd.every(({ isSynced, drops: dropped }) => isSynced && dropped >= storm)
      await until('everybody is back', isBack, BACK_WITHIN_MS)
      tell?.(`F17: all ${sockets} back ${Math.round(performance.now() - start)} ms after the kill`)
    }
  } finally {
    for (const socket of crowd) socket.end()
    await product.stop()
  }
  return wrong
}
