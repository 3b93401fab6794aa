/**
 * Recorded sessions played through real sockets into a real server: the final text is exact on every replica, over the API, after a kill, and
 * for whoever comes later. Keystroke by keystroke instead of in pieces: `SKEIN_REPLAY=full`.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, createAccount } from '../kill/account.ts'
import { bootProduct, type Product } from '../world/product.ts'
import { type RecordedUpdate, recordAtOnce, recordInTurn } from './recorded-updates.ts'
import { openReplica, replay, type Target } from './replay.ts'
import { hasTraces, readTrace, type Trace, type TraceName } from './trace.ts'

const isFull = process.env.SKEIN_REPLAY === 'full'
const REPLAY_MS_MAX = isFull ? 1_800_000 : 240_000
const COMPACTED_WITHIN_MS = 120_000
const SESSIONS: { name: TraceName; how: string; record: (trace: Trace) => RecordedUpdate[] }[] = [
  {
    name: 'automerge-paper',
    how: 'one writer',
    record: (trace) => recordInTurn(trace, isFull ? trace.txns.length : 4_000, 1),
  },
  { name: 'rustcode', how: 'four writers in turn', record: (trace) => recordInTurn(trace, isFull ? 8_000 : 800, 4) },
  { name: 'friendsforever', how: 'two writers at once', record: recordAtOnce },
]

let product: Product
let account: Account

beforeAll(async () => {
  if (!hasTraces) return
  product = await bootProduct({ SERVICES: 'api,collab,worker', LOG_LEVEL: 'warn' })
  account = await createAccount(product.url, SESSIONS.length)
}, 120_000)

afterAll(async () => product?.stop(), 60_000)

const targetOf = (n: number): Target => ({
  socketUrl: `${product.url.replace('http', 'ws')}/collab`,
  token: account.token,
  documentId: account.files[n]?.documentId as string,
})

async function textOverApi(n: number): Promise<string | undefined> {
  const path = account.files[n]?.path as string
  const answer = await account.call<{ files: { text?: string }[] }>(
    'POST',
    `/projects/${account.projectId}/batch-read`,
    { paths: [path] },
  )
  return answer.files[0]?.text
}

for (const [n, { name, how, record }] of SESSIONS.entries()) {
  test.skipIf(!hasTraces)(
    `DL1, DL7: ${name}, by ${how}, ends in exactly its text on every replica`,
    async () => {
      const trace = readTrace(name)
      const replicas = await replay(targetOf(n), record(trace))
      const texts = replicas.map(({ text }) => text)
      for (const replica of replicas) replica.close()
      for (const text of texts) expect(text === trace.endContent).toBe(true)
      expect((await textOverApi(n)) === trace.endContent).toBe(true)
    },
    REPLAY_MS_MAX,
  )
}

test.skipIf(!hasTraces)(
  'DL7, DL8: the sessions are the same after their rows were compacted, and after a kill',
  async () => {
    await expect.poll(countCompactions, { timeout: COMPACTED_WITHIN_MS }).toBeGreaterThanOrEqual(SESSIONS.length)
    await product.restart('SIGKILL')
    await expectExact()
  },
  REPLAY_MS_MAX,
)

async function expectExact(): Promise<void> {
  for (const [n, { name }] of SESSIONS.entries()) {
    const { endContent } = readTrace(name)
    expect((await textOverApi(n)) === endContent).toBe(true)
    const replica = await openReplica(targetOf(n))
    expect(replica.text === endContent).toBe(true)
    replica.close()
  }
}

/** Of the node since its start, by its own count. */
async function countCompactions(): Promise<number> {
  const metrics = await (await fetch(`${product.url}/metrics`)).text()
  return Number(/^skein_compactions_total\{outcome="compacted"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
}
