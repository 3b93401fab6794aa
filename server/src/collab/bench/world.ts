/** What the benchmarks share: a durable PostgreSQL, servers as processes, lean clients, and figures. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { copyTemplate, startTestServer } from '@skein/db/testing/server'
import type { DocumentId } from '@skein/protocol'
import { readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import pg from 'pg'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { type Ask, addDocument, addPerson, addProject, type TestPerson, type TestProject } from '../testing/fixtures.ts'
import { AUTH, FRAME, FrameWriter, readFrame, SYNC } from '../wire.ts'

export type Kind = 'skein' | 'stock' | 'relay'

export interface BenchServer {
  kind: Kind
  url: string
  memory(): Promise<NodeJS.MemoryUsage>
  stop(): Promise<void>
}

export interface BenchWorld {
  address: string
  ask: Ask
  project: TestProject
  person: TestPerson
  /** `textBytes`: what the documents of a stock server begin with. */
  start(kind: Kind, textBytes?: number): Promise<BenchServer>
  addDocuments(count: number, text?: string): Promise<DocumentId[]>
  stop(): Promise<void>
}

export async function createBenchWorld(): Promise<BenchWorld> {
  const postgres = await startTestServer({ isDurable: true })
  const { address, superuserAddress, drop } = await copyTemplate(postgres)
  const pool = new pg.Pool({ connectionString: superuserAddress, max: 4 })
  pool.on('error', () => {})
  const ask: Ask = async (text, values = []) => (await pool.query(text, [...values])).rows
  const project = await addProject(ask)
  const person = await addPerson(ask, project, 'Ana', 'editor')
  const servers: BenchServer[] = []
  return {
    address,
    ask,
    project,
    person,
    start: async (kind, textBytes = 0) => {
      const server = await startServer(kind, address, textBytes)
      servers.push(server)
      return server
    },
    addDocuments: async (count, text = '') => {
      const documents: DocumentId[] = []
      for (let n = 0; n < count; n++) documents.push(await addDocument(ask, project, text))
      return documents
    },
    stop: async () => {
      for (const server of servers) await server.stop()
      await pool.end()
      await drop()
      await postgres.stop()
    },
  }
}

async function startServer(kind: Kind, address: string, textBytes: number): Promise<BenchServer> {
  const script = path.join(import.meta.dirname, 'node.ts')
  const child: ChildProcess = spawn(process.execPath, ['--expose-gc', script, kind, address, String(textBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(`The ${kind} server did not start`)))
  const [chunk] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), failed])
  failed.catch(() => {})
  const port = Number(String(chunk).trim())
  return {
    kind,
    url: `ws://127.0.0.1:${port}/collab`,
    memory: async () => (await fetch(`http://127.0.0.1:${port}/`)).json() as Promise<NodeJS.MemoryUsage>,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Types into one document and looks at it; sends and reads frames without a provider's overhead. */
export class BenchClient {
  onUpdate: () => void = () => {}
  onAcknowledged: () => void = () => {}
  readonly #doc = new Y.Doc()
  readonly #ws: WebSocket
  readonly #frames: FrameWriter
  readonly #isRelay: boolean
  #isReady: () => void = () => {}

  private constructor(server: BenchServer, document: string) {
    this.#ws = new WebSocket(server.url, { perMessageDeflate: false })
    this.#frames = new FrameWriter(document)
    this.#isRelay = server.kind === 'relay'
    this.#ws.on('message', (data) => this.#read(new Uint8Array(data as Buffer)))
    this.#ws.on('error', () => {})
    this.#doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.#ws.send(this.#frames.sync(SYNC.update, update))
    })
  }

  /** Resolves when the document is synchronised and the first acknowledgement is there. */
  static async open(server: BenchServer, document: string, token: string): Promise<BenchClient> {
    const client = new BenchClient(server, document)
    await once(client.#ws, 'open')
    if (client.#isRelay) return client
    const ready = new Promise<void>((resolve) => {
      client.#isReady = resolve
    })
    const auth = createEncoder()
    writeVarString(auth, document)
    writeVarUint(auth, FRAME.auth)
    writeVarUint(auth, AUTH.token)
    writeVarString(auth, token)
    client.#ws.send(toUint8Array(auth))
    client.#ws.send(client.#frames.sync(SYNC.step1, Y.encodeStateVector(client.#doc)))
    await ready
    return client
  }

  /** Types at the end, or anywhere. */
  type(letters = 'x', at = this.#text.length): void {
    this.#text.insert(at, letters)
  }

  get #text(): Y.Text {
    return this.#doc.getText('text')
  }

  get length(): number {
    return this.#text.length
  }

  close(): void {
    this.#ws.terminate()
  }

  #read(bytes: Uint8Array): void {
    if (bytes.length === 1) {
      this.#ws.send(Uint8Array.of(FRAME.pong))
      return
    }
    const { type, rest } = readFrame(bytes)
    if (type === FRAME.syncStatus) {
      this.#isReady()
      this.onAcknowledged()
    }
    if (type !== FRAME.sync && type !== FRAME.syncReply) return
    const step = readVarUint(rest)
    if (step === SYNC.step2) Y.applyUpdate(this.#doc, readVarUint8Array(rest), 'server')
    if (step === SYNC.update) this.onUpdate()
    if (step === SYNC.step1) {
      this.#ws.send(this.#frames.sync(SYNC.step2, Y.encodeStateAsUpdate(this.#doc)))
    }
  }
}

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const ms = (value: number): string => `${value.toFixed(2)} ms`

/** Prints one goal: met when the value is at most (or at least) the bound. */
export const reportGoal = (
  what: string,
  value: number,
  bound: number,
  kind: 'at most' | 'at least' = 'at most',
): void => {
  const isMet = kind === 'at most' ? value <= bound : value >= bound
  process.stdout.write(
    `  goal ${isMet ? 'met   ' : 'missed'}  ${what}: ${value.toFixed(2)} (${kind} ${bound.toFixed(2)})\n`,
  )
}
