/**
 * Several nodes of the product on one database and one Redis, each behind cables of its own to them, and a balancer that lets the sockets of a
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
  /** The cable of each node to Redis, and to the database. */
  readonly cables: readonly FaultProxy[]
  readonly databaseCables: readonly FaultProxy[]
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
      SECRET_KEY,
    }
    const lay = async (target: number): Promise<FaultProxy[]> => {
      const laid = Array.from({ length: count }, () => openFaultProxy(() => ({ host: '127.0.0.1', port: target })))
      const cables = await Promise.all(laid)
      for (const cable of cables) ends.push(() => cable.close())
      return cables
    }
    const cables = await lay(redis.port)
    const databaseCables = await lay(Number(new URL(postgres.address).port))
    const nodes = await Promise.all(
      cables.map((cable, n) => {
        const database = new URL(postgres.address)
        database.port = String(databaseCables[n]?.port)
        return bootProduct({ ...settings, REDIS_URL: `redis://127.0.0.1:${cable.port}`, DATABASE_URL: database.href })
      }),
    )
    for (const node of nodes) ends.push(() => node.stop())
    const ports = nodes.map((node) => Number(new URL(node.url).port))
    const balancer = await startBalancer({ port, nodes: ports, keepsProjectsTogether: false })
    ends.push(() => balancer.close())
    const load = await Load.start({ url, writers: 2 * count, files: 2 })
    const wrong = await work({ url, nodes, cables, databaseCables, redis, load })
    wrong.push(...(await load.settle()))
    load.discard()
    await Promise.all(nodes.map((node) => node.restart('SIGKILL')))
    return [...wrong, ...(await load.check())]
  } finally {
    for (const end of ends.reverse()) await end().catch(() => {})
  }
}
