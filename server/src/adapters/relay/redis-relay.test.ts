import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DocumentId } from '@skein/protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MACHINE_CLOCK } from '../../collab/clock.ts'
import { testRelay } from '../../collab/relay.contract.ts'
import type { RelayListener } from '../../collab/relay.ts'
import { until } from '../../collab/testing/client.ts'
import { createLog } from '../../observability/log.ts'
import { createMetrics, type Metrics } from '../../observability/metrics.ts'
import { hasRedis, startRedis, type TestRedis } from '../../testing/redis.ts'
import { RedisRelay } from './redis-relay.ts'

const newRelay = (url: string, prefix = 'skein-test', metrics: Metrics = createMetrics()) =>
  new RedisRelay({ url, prefix, log: createLog('silent'), metrics, clock: MACHINE_CLOCK })

/** Hears nothing but what a test looks at. */
const deaf: RelayListener = {
  onRow: () => {},
  onPresence: () => {},
  onPresenceAsked: () => {},
  onPeople: () => {},
  onPeopleAsked: () => {},
  onNodeGone: () => {},
  onReconnected: () => {},
}

const newDocument = () => randomUUID() as string as DocumentId

const startTestRedis = async (settings?: string[]): Promise<TestRedis> => {
  const redis = await startRedis(settings)
  onTestFinished(() => redis.stop())
  return redis
}

const startRelay = async (relay: RedisRelay, ear: Partial<RelayListener> = {}): Promise<RedisRelay> => {
  onTestFinished(() => relay.stop())
  await relay.start({ ...deaf, ...ear })
  return relay
}

describe.skipIf(!hasRedis)('Redis', () => {
  testRelay('Redis', async () => {
    const redis = await startRedis()
    const relays = [newRelay(redis.url), newRelay(redis.url), newRelay(redis.url)] as const
    return {
      relays,
      cut: async () => {
        await redis.kill()
        await until(() => relays.every(({ isConnected }) => !isConnected), 'everybody knows that Redis is away')
      },
      mend: () => redis.start(),
      stop: async () => {
        for (const relay of relays) await relay.stop()
        await redis.stop()
      },
    }
  })

  test('several Skeins share one Redis without hearing each other, and leave nothing in it', async () => {
    const redis = await startTestRedis()
    const document = newDocument()
    const heard: string[] = []
    const ours = await startRelay(newRelay(redis.url, 'ours'))
    await startRelay(newRelay(redis.url, 'theirs'), { onRow: () => heard.push('theirs') }).then((r) => r.join(document))
    await startRelay(newRelay(redis.url, 'ours'), { onRow: () => heard.push('ours') }).then((r) => r.join(document))
    ours.publish({ document, epoch: 1, timeline: 1, seq: 1, payload: Uint8Array.of(1) })
    await until(() => heard.length > 0, 'the row is heard')
    ours.publish({ document, epoch: 1, timeline: 1, seq: 2, payload: Uint8Array.of(1) })
    await until(() => heard.length > 1, 'the next row is heard')
    expect(heard).toEqual(['ours', 'ours'])
    expect(await redis.command('DBSIZE')).toBe(':0\r\n')
  })

  test('a Redis that is stopped is noticed although its sockets are open, and a node that is silent is gone', async () => {
    const redis = await startTestRedis()
    const gone: string[] = []
    let reconnected = 0
    const relay = await startRelay(newRelay(redis.url), {
      onNodeGone: (node) => gone.push(node),
      onReconnected: () => reconnected++,
    })
    const peers: string[] = []
    const document = newDocument()
    await relay.join(document)
    const other = await startRelay(newRelay(redis.url), { onPresence: ({ node }) => peers.push(node) })
    await other.join(document)
    relay.showPresence(document, Uint8Array.of(1), true)
    await until(() => peers.length > 0, 'the two hear each other')
    await until(() => reconnected === 1, 'the start was told')
    redis.pause()
    await until(() => !relay.isConnected && !other.isConnected, 'both notice', 20_000)
    await until(() => gone.length > 0, 'the other one is not heard any more', 20_000)
    redis.resume()
    await until(() => relay.isConnected && other.isConnected, 'both are back', 20_000)
    await until(() => reconnected > 1, 'it is said that something may have been missed')
  })

  test('a document is joined within moments although Redis hangs, and heard when it goes on', async () => {
    const redis = await startTestRedis()
    const heard: number[] = []
    const relay = await startRelay(newRelay(redis.url), { onRow: ({ seq }) => heard.push(seq) })
    const other = await startRelay(newRelay(redis.url))
    const document = newDocument()
    redis.pause()
    await relay.join(document)
    redis.resume()
    await until(() => {
      other.publish({ document, epoch: 1, timeline: 1, seq: 1, payload: Uint8Array.of(1) })
      return heard.length > 0
    }, 'it is heard')
  })

  test('what is said while Redis does not take it is bounded, and what is beyond it is counted as dropped', async () => {
    const redis = await startTestRedis()
    const metrics = createMetrics()
    const relay = await startRelay(newRelay(redis.url, 'bounded', metrics))
    redis.pause()
    const payload = new Uint8Array(4 * 1024 * 1024)
    for (let seq = 1; seq <= 20; seq++) relay.publish({ document: newDocument(), epoch: 1, timeline: 1, seq, payload })
    relay.publish({ document: newDocument(), epoch: 1, timeline: 1, seq: 1, payload: new Uint8Array(9 * 1024 * 1024) })
    const { text } = await metrics.render()
    expect(text).toMatch(/skein_relay_dropped_total{why="full"} 13/)
    expect(text).toMatch(/skein_relay_dropped_total{why="too-large"} 1/)
    redis.resume()
  })

  test('a message that is none is counted and passed over', async () => {
    const redis = await startTestRedis()
    const metrics = createMetrics()
    await startRelay(newRelay(redis.url, 'noise', metrics))
    await redis.command('PUBLISH', 'noise:nodes', 'what?')
    await until(
      async () => (await metrics.render()).text.includes('skein_relay_dropped_total{why="malformed"} 1'),
      'it is counted',
    )
  })

  test('a user and a password are shown; without them the node starts all the same, and comes in when it may', async () => {
    const redis = await startTestRedis(['--requirepass', 'secret'])
    const { port } = new URL(redis.url)
    const member = await startRelay(newRelay(`redis://default:secret@127.0.0.1:${port}`))
    expect(member.isConnected).toBe(true)
    const stranger = await startRelay(newRelay(redis.url))
    expect(stranger.isConnected).toBe(false)
    await stranger.join(newDocument())
  })

  test('a thousand documents are joined and left in no order, and those that are left over are heard', async () => {
    const redis = await startTestRedis()
    const heard = new Set<DocumentId>()
    const relay = await startRelay(newRelay(redis.url), { onRow: ({ document }) => heard.add(document) })
    const speaker = await startRelay(newRelay(redis.url))
    const documents = Array.from({ length: 1_000 }, newDocument)
    for (const document of documents) void relay.join(document)
    for (const [n, document] of documents.entries()) if (n % 3) relay.leave(document)
    for (const [n, document] of documents.entries()) if (n % 3 === 1) void relay.join(document)
    await Promise.all(documents.filter((_, n) => n % 3 !== 2).map((document) => relay.join(document)))
    for (const document of documents)
      speaker.publish({ document, epoch: 1, timeline: 1, seq: 1, payload: Uint8Array.of(1) })
    await until(() => heard.size === documents.filter((_, n) => n % 3 !== 2).length, 'all that were joined are heard')
    await sleep(50)
    expect(documents.filter((document, n) => heard.has(document) !== (n % 3 !== 2))).toEqual([])
  })
})
