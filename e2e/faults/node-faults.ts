/** F2, F9, F10, F12 and F18: a node that dies at named steps, readers that stop, clocks that jump, too few file descriptors, and many people in one file. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HocuspocusProvider } from '@hocuspocus/provider'
import { openReplica } from '../replay/replay.ts'
import { bootProduct, type Product } from '../world/product.ts'
import { IdleSocket } from './idle-sockets.ts'
import { Load, until } from './load.ts'
import { residentBytes } from './resident-bytes.ts'

const SETTINGS = { SERVICES: 'api,collab,worker', LOG_LEVEL: 'error' }
const MIB = 1024 * 1024
/** What waits for a stopped reader: 8 MiB in the process, one frame more, and what the buffers of the system take. */
const LAG_BYTES_MAX = 28 * MIB
/** Of death at each commit: every few dozen. */
const DEATH_CHANCE = 0.02
const DAY_MS = 24 * 60 * 60 * 1000
/** For a server of some dozen files and a few hundred sockets. */
const DESCRIPTORS = 400

type Tell = ((line: string) => void) | undefined

/** Stops the product, whatever happened. */
async function withProduct(boot: Promise<Product>, work: (product: Product) => Promise<string[]>): Promise<string[]> {
  const product = await boot
  try {
    return await work(product)
  } finally {
    await product.stop()
  }
}

/** What is typed must be there after everything, on a server that has only what it has stored. */
async function endWell(product: Product, load: Load): Promise<string[]> {
  const wrong = await load.settle()
  load.discard()
  await product.restart('SIGKILL')
  return [...wrong, ...(await load.check())]
}

/** F2: the node dies, again and again, right before a commit or right after it, when nobody has heard of it yet. */
export async function runNamedKills({ kills, tell }: { kills: number; tell?: Tell }): Promise<string[]> {
  const wrong: string[] = []
  for (const step of ['before-commit', 'after-commit'] as const) {
    const program = ['server/src/testing/failing-node.ts', JSON.stringify({ diesAt: { step, chance: DEATH_CHANCE } })]
    const found = await withProduct(bootProduct(SETTINGS, program), async (product) => {
      const load = await Load.start({ url: product.url })
      for (let kill = 0; kill < kills; kill++) {
        await product.ended()
        await product.restart('SIGKILL')
      }
      tell?.(`F2: killed ${kills} times ${step}; ${load.savedCount} words saved`)
      load.discard()
      // Nobody writes any more, so it lives; what it tells comes from the store alone.
      await product.restart('SIGKILL')
      return load.check()
    })
    wrong.push(...found)
  }
  return wrong
}

/** F9: some open a file and read no further while others paste into it; they are cut off, and cost a bounded amount of memory. */
export const runStoppedReaders = ({ readers, pastes, tell }: { readers: number; pastes: number; tell?: Tell }) =>
  withProduct(bootProduct(SETTINGS), async (product) => {
    const load = await Load.start({ url: product.url, writers: 2, files: 2 })
    const socketUrl = `${product.url.replace('http', 'ws')}/collab`
    const target = { socketUrl, token: load.account.token, documentId: await load.addFile('pasted.md') }
    const { provider, close } = await openReplica(target)
    // Once without them: what pasting alone makes the process hold is not theirs.
    await paste(provider, pastes)
    const stopped = Array.from({ length: readers }, (_, n) => new IdleSocket(target, n, false))
    for (const reader of stopped) reader.connect()
    await until('the readers are there', () => stopped.every(({ isSynced }) => isSynced))
    for (const reader of stopped) reader.pause()
    const before = await residentBytes(product)
    await paste(provider, pastes)
    const grown = (await residentBytes(product)) - before
    await load.untilSaving()
    close()
    const received = stopped.map(({ receivedBytes }) => receivedBytes)
    for (const reader of stopped) reader.resume()
    await until('the stopped readers are cut off', () => stopped.every(({ drops }) => drops > 0))
    const waited = Math.max(...stopped.map(({ receivedBytes }, n) => receivedBytes - (received[n] as number)))
    tell?.(
      `F9: ${readers} stopped readers, ${pastes} pastes of 1 MiB: ${Math.round(waited / MIB)} MiB waited for one at most; resident memory grew by ${Math.round(grown / MIB)} MiB, garbage included`,
    )
    return [
      ...(waited > LAG_BYTES_MAX ? [`F9: ${Math.round(waited / MIB)} MiB waited for a reader that had stopped`] : []),
      ...(await endWell(product, load)),
    ]
  })

/** Replaces the whole text, again and again, each time when the last one is saved. */
async function paste(provider: HocuspocusProvider, times: number): Promise<void> {
  const text = provider.document.getText('text')
  for (let n = 0; n < times; n++) {
    provider.document.transact(() => {
      text.delete(0, text.length)
      text.insert(0, randomBytes(MIB / 2).toString('hex'))
    })
    await until('the paste is saved', () => provider.unsyncedChanges === 0)
  }
}

/** F10: the clock on the wall of the node jumps by up to a day, either way, twice a second. */
export const runClockJumps = ({ forMs, tell }: { forMs: number; tell?: Tell }) =>
  withProduct(
    bootProduct({ ...SETTINGS, SNAPSHOT_QUIET_MS: '500' }, [
      'server/src/testing/failing-node.ts',
      JSON.stringify({ clockJumpMs: DAY_MS }),
    ]),
    async (product) => {
      const load = await Load.start({ url: product.url })
      await sleep(forMs)
      await load.untilSaving()
      tell?.(`F10: the clock jumped for ${forMs / 1000} s; ${load.savedCount} words saved`)
      return endWell(product, load)
    },
  )

/** F12: more sockets come than the process may have descriptors; those that are there go on, and when the others leave new ones come in. */
export const runFewDescriptors = ({ tell }: { tell?: Tell }) =>
  withProduct(bootProduct(SETTINGS, ['server/src/main.ts'], [`--nofile=${DESCRIPTORS}`]), async (product) => {
    const load = await Load.start({ url: product.url })
    const target = {
      socketUrl: `${product.url.replace('http', 'ws')}/collab`,
      token: load.account.token,
      documentId: load.account.files[0]?.documentId as string,
    }
    const crowd = Array.from({ length: DESCRIPTORS }, (_, n) => new IdleSocket(target, n, false))
    for (const socket of crowd) socket.connect()
    await until('every socket has come in or was turned away', () =>
      crowd.every(({ isSynced, drops }) => isSynced || drops > 0),
    )
    const turnedAway = crowd.filter(({ drops }) => drops > 0).length
    await load.untilSaving()
    for (const socket of crowd) socket.end()
    const late = new IdleSocket(target, DESCRIPTORS)
    late.connect()
    await until('there is room again', () => late.isSynced)
    late.end()
    tell?.(`F12: ${turnedAway} of ${DESCRIPTORS} sockets turned away with ${DESCRIPTORS} descriptors`)
    return [
      ...(turnedAway === 0 ? ['F12: nobody was turned away, so nothing was shown'] : []),
      ...(await endWell(product, load)),
    ]
  })

/** F18: so many people type into one file. */
export const runHotDocument = ({ writers, forMs, tell }: { writers: number; forMs: number; tell?: Tell }) =>
  withProduct(bootProduct(SETTINGS), async (product) => {
    const load = await Load.start({ url: product.url, writers, files: 1 })
    const before = load.savedCount
    await sleep(forMs)
    tell?.(
      `F18: ${writers} writers in one file, ${Math.round(((load.savedCount - before) * 1000) / forMs)} words a second`,
    )
    return endWell(product, load)
  })
