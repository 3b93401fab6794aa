/**
 * F6, F7, and F1 and F23 on several nodes: Redis dies, hangs, is emptied; nodes are cut off from it, die, and are restarted one after the
 * other. People go on typing and saving meanwhile, and see the same within seconds after.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import type { Product } from '../world/product.ts'
import { type Cluster, type ClusterOptions, withCluster } from './cluster.ts'
import { until } from './load.ts'

interface RelayFault {
  name: string
  begin(cluster: Cluster): Promise<void>
  end(cluster: Cluster): Promise<void>
}

const RELAY_FAULTS: readonly RelayFault[] = [
  { name: 'Redis killed', begin: ({ redis }) => redis.kill(), end: ({ redis }) => redis.start() },
  {
    name: 'Redis hanging',
    begin: async ({ redis }) => redis.pause(),
    end: async ({ redis }) => redis.resume(),
  },
  {
    name: 'Redis emptied, and its subscribers cut off',
    begin: async ({ redis }) => void (await redis.say('FLUSHALL')),
    end: async ({ redis }) => void (await redis.say('CLIENT', 'KILL', 'TYPE', 'pubsub')),
  },
  {
    name: 'a node cut off from Redis',
    begin: async ({ cables }) => cables[0]?.set({ isDown: true }),
    end: async ({ cables }) => cables[0]?.set({}),
  },
  {
    name: 'a node that hears nothing from Redis, on open connections',
    begin: async ({ cables }) => cables[0]?.set({ isHeld: true }),
    end: async ({ cables }) => cables[0]?.set({}),
  },
  {
    name: 'a node whom the others hear, and that hears nobody',
    begin: async ({ cables }) => cables[0]?.set({ isDeaf: true }),
    end: async ({ cables }) => cables[0]?.set({}),
  },
  {
    name: 'a node cut off from the database',
    begin: async ({ databaseCables }) => databaseCables[0]?.set({ isDown: true }),
    end: async ({ databaseCables }) => databaseCables[0]?.set({}),
  },
  {
    name: 'a node to which the database does not answer, on open connections',
    begin: async ({ databaseCables }) => databaseCables[0]?.set({ isHeld: true }),
    end: async ({ databaseCables }) => databaseCables[0]?.set({}),
  },
  {
    name: 'a bad line between every node and Redis',
    begin: async ({ cables }) => {
      for (const cable of cables) cable.set({ resetChance: 0.01, delayMsMax: 50 })
    },
    end: async ({ cables }) => {
      for (const cable of cables) cable.set({})
    },
  },
]

export interface ClusterFaultsOptions extends ClusterOptions {
  rounds: number
  faultMs: number
  /** Nodes that are killed in a round; default: each. */
  kills?: number
  /** Faults of Redis, by name; default: all. */
  only?: readonly string[]
  /** Whether what comes late is wrong too: not on a machine that does other things meanwhile. */
  isTimed?: boolean
}

/** How soon all replicas are the same again, and people of a dead node are not shown any more: bars of the fault matrix. */
const EQUAL_WITHIN_MS = 10_000
const FORGOTTEN_WITHIN_MS = 30_000

/** So many rounds of everything; returns what went wrong. Null: there is no Redis on this machine. */
export const runClusterFaults = ({ rounds, ...options }: ClusterFaultsOptions): Promise<string[] | null> =>
  withCluster(options, async (cluster) => {
    const wrong: string[] = []
    for (let round = 1; round <= rounds; round++) {
      wrong.push(...(await breakRelay(cluster, options)))
      wrong.push(...(await killNodes(cluster, options)))
      await restartAll(cluster, options)
    }
    return wrong
  })

type Options = Omit<ClusterFaultsOptions, 'rounds'>

/** F6 and F7: each fault of Redis, and of the way to it, in turn. */
async function breakRelay(cluster: Cluster, { faultMs, only, isTimed, tell }: Options): Promise<string[]> {
  const wrong: string[] = []
  const { load } = cluster
  for (const fault of RELAY_FAULTS.filter(({ name }) => only?.includes(name) ?? true)) {
    await load.untilSaving()
    await fault.begin(cluster)
    await load.untilSaving()
    await sleep(faultMs)
    // Redis is only speed: without it everybody goes on saving; without the database those at other nodes do.
    await load.untilSaving()
    await fault.end(cluster)
    const equalMs = await untilEqual(cluster)
    if (isTimed && equalMs > EQUAL_WITHIN_MS)
      wrong.push(`I2: ${fault.name}: equal after ${Math.round(equalMs)} ms only`)
    tell?.(`F6, F7: ${fault.name}; ${load.savedCount} words saved, all equal after ${Math.round(equalMs)} ms`)
  }
  return wrong
}

/** F1 on several nodes: killed one after the other, under people whom the others take over. */
async function killNodes(cluster: Cluster, { kills, isTimed, tell }: Options): Promise<string[]> {
  const { nodes, load } = cluster
  const wrong: string[] = []
  for (const [n, node] of nodes.slice(0, kills).entries()) {
    const watcher = nodes[(n + 1) % nodes.length] as Product
    const seenMs = Math.round(await untilForgotten(cluster, node, watcher))
    if (isTimed && seenMs > FORGOTTEN_WITHIN_MS) wrong.push(`the people of a dead node were shown for ${seenMs} ms`)
    await load.untilSaving()
    tell?.(`F1: node ${n + 1} killed; its people were gone after ${seenMs} ms, ${load.savedCount} words saved`)
  }
  return wrong
}

/** F23: all nodes are restarted one after the other, as for a new version, under people who type. */
async function restartAll(cluster: Cluster, { tell }: Options): Promise<void> {
  const { nodes, load } = cluster
  for (const node of nodes) {
    await node.restart('SIGTERM')
    await load.untilSaving()
  }
  const equalMs = Math.round(await untilEqual(cluster))
  tell?.(`F23: all nodes restarted; ${load.savedCount} words saved, all equal after ${equalMs} ms`)
}

/** Everybody rests until all see the same, then types on; returns how long that took. */
async function untilEqual({ load }: Cluster): Promise<number> {
  for (const writer of load.writers) writer.rest()
  const since = performance.now()
  await until('everything is saved', () => load.writers.every(({ isSettled }) => isSettled))
  await until('all replicas are the same', () =>
    load.account.files.every(
      ({ documentId }) => new Set(load.writers.map((writer) => writer.textOf(documentId))).size === 1,
    ),
  )
  const equalMs = performance.now() - since
  for (const writer of load.writers) writer.start()
  return equalMs
}

/** Somebody is seen at one node, and killed together with theirs; returns how long they were still shown. */
async function untilForgotten({ load }: Cluster, node: Product, watcher: Product): Promise<number> {
  const document = load.account.files[0]?.documentId ?? ''
  const shown = openAt(node, document, load.account.token)
  const viewer = openAt(watcher, document, load.account.token)
  try {
    shown.provider.awareness?.setLocalStateField('cursor', 1)
    const isSeen = () => viewer.provider.awareness?.getStates().has(shown.provider.document.clientID) ?? false
    await until('somebody at another node is seen', isSeen)
    shown.socket.destroy()
    const since = performance.now()
    const restarted = node.restart('SIGKILL')
    await until('they are not seen any more', () => !isSeen())
    const seenMs = performance.now() - since
    await restarted
    return seenMs
  } finally {
    shown.end()
    viewer.end()
  }
}

class CalmWebSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}

function openAt({ url }: Product, name: string, token: string) {
  const socket = new HocuspocusProviderWebsocket({
    url: `${url.replace('http', 'ws')}/collab`,
    WebSocketPolyfill: CalmWebSocket,
    delay: 50,
    minDelay: 20,
  })
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name,
    document: new Y.Doc(),
    token,
    sessionAwareness: true,
  })
  provider.attach()
  return {
    socket,
    provider,
    end: () => {
      provider.destroy()
      socket.destroy()
    },
  }
}
