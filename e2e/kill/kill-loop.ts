/**
 * The promise "what it calls saved is saved", tried the hard way: a real server process under several writers, its commits slowed at
 * random, killed with SIGKILL at a random instant, again and again. The writers are discarded before anybody looks, so that none of them
 * can bring back what the server has lost.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { bootProduct, type Product } from '../world/product.ts'
import { type Account, createAccount } from './account.ts'
import { Writer } from './writers.ts'

export interface KillLoopOptions {
  kills: number
  /** The control: acknowledgements leave from memory. Ends with the first loss. */
  fromMemory?: boolean
  onKill?(kill: number, result: KillLoopResult): void
}

export interface KillLoopResult {
  /** Words that were called saved. */
  saved: number
  /** Words that were called saved and are not there after the restart. */
  lost: string[]
}

export interface KillLoop {
  product: Product
  account: Account
  result: KillLoopResult
}

const FILES = 4
const WRITERS = 5
const COMMIT_MS_MAX = 60
/** Writing goes on that long before the kill, at least and at most. */
const WRITING_MS_MIN = 200
const WRITING_MS_MAX = 1_200
const CONNECTED_WITHIN_MS = 20_000

/** Runs the loop and hands over the product, restarted after the last kill; the caller stops it. */
export async function runKillLoop({ kills, fromMemory = false, onKill }: KillLoopOptions): Promise<KillLoop> {
  const product = await bootProduct({ SERVICES: 'api,collab,worker', SNAPSHOT_QUIET_MS: '1000', LOG_LEVEL: 'warn' }, [
    'server/src/testing/failing-node.ts',
    JSON.stringify({ commitMsMax: COMMIT_MS_MAX, fromMemory }),
  ])
  const account = await createAccount(product.url, FILES)
  const result: KillLoopResult = { saved: 0, lost: [] }
  const expected = new Map<string, Set<string>>(account.files.map(({ documentId }) => [documentId, new Set()]))
  for (let kill = 1; kill <= kills; kill++) {
    const writers = await startWriters(product.url, account, kill)
    await sleep(WRITING_MS_MIN + Math.random() * (WRITING_MS_MAX - WRITING_MS_MIN))
    const restarted = product.restart('SIGKILL')
    await sleep(50)
    for (const writer of writers) {
      writer.discard()
      for (const [document, words] of writer.saved) for (const word of words) expected.get(document)?.add(word)
    }
    await restarted
    result.saved = [...expected.values()].reduce((sum, words) => sum + words.size, 0)
    result.lost = await findLost(account, expected)
    onKill?.(kill, result)
    if (result.lost.length > 0) break
  }
  return { product, account, result }
}

async function startWriters(url: string, { token, files }: Account, kill: number): Promise<Writer[]> {
  const documents = files.map(({ documentId }) => documentId)
  const socketUrl = `${url.replace('http', 'ws')}/collab`
  const writers = Array.from({ length: WRITERS }, (_, n) => new Writer(`${kill}.${n}`, socketUrl, token, documents))
  const deadline = Date.now() + CONNECTED_WITHIN_MS
  while (!writers.every(({ isConnected }) => isConnected)) {
    if (Date.now() > deadline) throw new Error('The writers could not connect')
    await sleep(10)
  }
  for (const writer of writers) writer.start()
  return writers
}

async function findLost({ call, projectId, files }: Account, expected: Map<string, Set<string>>): Promise<string[]> {
  const { files: texts } = await call<{ files: { path: string; text?: string }[] }>(
    'POST',
    `/projects/${projectId}/batch-read`,
    { paths: files.map(({ path }) => path) },
  )
  return files.flatMap(({ path, documentId }) => {
    const text = texts.find((each) => each.path === path)?.text
    if (text === undefined) throw new Error(`${path} cannot be read`)
    const present = new Set(text.match(/<[^>]*>/g))
    return [...(expected.get(documentId) ?? [])].filter((word) => !present.has(word))
  })
}
