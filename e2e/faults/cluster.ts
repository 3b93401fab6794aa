/**
 * Several nodes of the product on one database and one Redis, each behind a cable of its own to it, and a balancer that lets the sockets of a
 * project go to any of them: people who write into one file are at different nodes.
 */
import { startBalancer } from '../world/cluster/balancer.ts'
import { type FaultProxy, openFaultProxy } from '../world/fault-proxy.ts'
import { bootPostgres } from '../world/postgres.ts'
import { bootProduct, freePort, type Product } from '../world/product.ts'
import { bootRedis, type Redis } from '../world/redis.ts'
import { Load } from './load.ts'

const SECRET_KEY = 'a secret key of the fault tests, long enough'

export interface Cluster {
  readonly url: string
  readonly nodes: readonly Product[]
  /** The cable of each node to Redis. */
  readonly cables: readonly FaultProxy[]
  readonly redis: Redis
  readonly load: Load
}

export interface ClusterOptions {
  nodes?: number
  tell?(line: string): void
}

/**
 * People on several nodes; after the work everything must be as it was called saved, also for nodes that start anew. Returns what went
 * wrong; null when there is no Redis on this machine.
 */
export async function withCluster(
  { nodes: count = 3 }: ClusterOptions,
  work: (cluster: Cluster) => Promise<string[]>,
): Promise<string[] | null> {
  const redis = await bootRedis()
  if (!redis) return null
  const ends: (() => Promise<unknown>)[] = [() => redis.end()]
  try {
    const postgres = await bootPostgres()
    ends.push(() => postgres.end())
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const settings = {
      SERVICES: 'api,collab,worker',
      SNAPSHOT_QUIET_MS: '1000',
      LOG_LEVEL: 'fatal',
      PUBLIC_URL: url,
      DATABASE_URL: postgres.address,
      SECRET_KEY,
    }
    const cables = await Promise.all(
      Array.from({ length: count }, () => openFaultProxy(() => ({ host: '127.0.0.1', port: redis.port }))),
    )
    for (const cable of cables) ends.push(() => cable.close())
    const nodes = await Promise.all(
      cables.map((cable) => bootProduct({ ...settings, REDIS_URL: `redis://127.0.0.1:${cable.port}` })),
    )
    for (const node of nodes) ends.push(() => node.stop())
    const ports = nodes.map((node) => Number(new URL(node.url).port))
    const balancer = await startBalancer({ port, nodes: ports, keepsProjectsTogether: false })
    ends.push(() => balancer.close())
    const load = await Load.start({ url, writers: 2 * count, files: 2 })
    const wrong = await work({ url, nodes, cables, redis, load })
    wrong.push(...(await load.settle()))
    load.discard()
    await Promise.all(nodes.map((node) => node.restart('SIGKILL')))
    return [...wrong, ...(await load.check())]
  } finally {
    for (const end of ends.reverse()) await end().catch(() => {})
  }
}
