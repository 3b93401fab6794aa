/** F8: bad networks between people and the server. Whatever the weather, what is saved is there, and all see the same afterwards. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openFaultProxy, type Weather } from '../world/fault-proxy.ts'
import { bootProduct } from '../world/product.ts'
import { Load } from './load.ts'

const WEATHERS: readonly { name: string; weather: Weather }[] = [
  { name: 'late by up to 2 s', weather: { delayMsMax: 2_000 } },
  { name: 'resetting every tenth piece', weather: { resetChance: 0.1 } },
  { name: 'half-open: nothing passes', weather: { isHeld: true } },
  { name: 'in slices of one byte', weather: { sliceBytesMax: 1 } },
  { name: 'of 256 kbit/s', weather: { bytesPerSecond: 32_000 } },
  { name: 'down', weather: { isDown: true } },
  { name: 'late, sliced and resetting', weather: { delayMsMax: 200, sliceBytesMax: 7, resetChance: 0.03 } },
]

export interface NetworkFaultsOptions {
  rounds: number
  faultMs: number
  seed: number
  tell?(line: string): void
}

/** Each weather in turn, so many rounds; returns what went wrong. */
export async function runNetworkFaults({ rounds, faultMs, seed, tell }: NetworkFaultsOptions): Promise<string[]> {
  const product = await bootProduct({ SERVICES: 'api,collab,worker', LOG_LEVEL: 'error' })
  const { port } = new URL(product.url)
  const proxy = await openFaultProxy(() => ({ host: '127.0.0.1', port: Number(port) }), seed)
  try {
    const load = await Load.start({ url: product.url, socketUrl: `http://127.0.0.1:${proxy.port}` })
    for (let round = 1; round <= rounds; round++) {
      for (const { name, weather } of WEATHERS) {
        proxy.set(weather)
        await sleep(faultMs)
        proxy.set({})
        // Whoever waits for an answer that was lost would come back after half a minute of silence; a reset tells it now.
        proxy.resetAll()
        await load.untilSaving()
        tell?.(`F8 ${round}: a network ${name}; ${load.savedCount} words saved`)
      }
    }
    const wrong = await load.settle()
    load.discard()
    await product.restart('SIGKILL')
    return [...wrong, ...(await load.check())]
  } finally {
    await proxy.close()
    await product.stop()
  }
}
