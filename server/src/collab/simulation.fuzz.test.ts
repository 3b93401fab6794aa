/**
 * Seeded simulation of a working day: people with several files on a socket type, lose their connection, close files and open them again, show
 * tokens that take their time; the server edits too, commits are slow, connections of the database break. Every instant at which a
 * provider says saved is compared with what PostgreSQL has confirmed by then.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@skein/db/testing'
import { type DocumentId, SKEIN } from '@skein/protocol'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { seededRandom } from './simulation/seeded-random.ts'
import { openDocument, openSocket, type TestClient, until } from './testing/client.ts'
import { addDocument, addPerson, addProject, type TestPerson } from './testing/fixtures.ts'
import { startCollab, type TestCollab } from './testing/server.ts'
import { editAsServer } from './testing/server-edit.ts'
import { readTruth } from './testing/truth.ts'
import { Witness } from './testing/witness.ts'

const SEEDS = (process.env.FUZZ_SEEDS ?? '1,2,3').split(',').map(Number)
const STEPS = Number(process.env.FUZZ_STEPS ?? 500)
const COMMIT_MS_MAX = 25

const { database, ask } = await createTestDatabase()
const project = await addProject(ask)

test.each(SEEDS)('every claim "saved" is true, and nothing is lost (seed %i)', async (seed) => {
  const day = await simulate(seed, false)
  expect(day.claims.false).toBe(0)
  // The run did something.
  expect(day.claims.true).toBeGreaterThan(20)
})

test('the control: with acknowledgements from memory the same days make false claims', async () => {
  const days = [await simulate(SEEDS[0] ?? 1, true), await simulate(SEEDS[1] ?? 2, true)]
  expect(days.reduce((sum, { claims }) => sum + claims.false, 0)).toBeGreaterThan(0)
})

async function simulate(seed: number, acknowledgesFromMemory: boolean): Promise<Witness> {
  const random = seededRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const witness = new Witness(database)
  let commitMs = 0
  const server = await startCollab(witness.database, {
    beforeCommit: () => sleep(Math.random() * commitMs),
    acknowledgesFromMemory,
    times: { idleMs: 30, roundMs: 10 },
  })
  const documents = await Promise.all(['', 'text', 'line\n'.repeat(20)].map((text) => addDocument(ask, project, text)))
  for (const document of documents) await beginWith(document, server, witness)
  const people = await Promise.all(['Ana', 'Ben', 'Cleo', 'Dan'].map((name) => addPerson(ask, project, name, 'editor')))
  const actors = people.map((person) => new Actor(person, random, server.url, witness))
  commitMs = COMMIT_MS_MAX
  for (let step = 0; step < STEPS; step++) {
    const choice = random()
    if (choice < 0.62) pick(actors).type(pick(documents))
    else if (choice < 0.72) pick(actors).toggle(pick(documents))
    else if (choice < 0.75) pick(actors).loseConnection()
    else if (choice < 0.79) void editByServer(server, pick(documents))
    else if (choice < 0.8) await breakDatabaseConnections()
    else await sleep(random() * 30)
  }
  commitMs = 0
  for (const document of documents) for (const actor of actors) actor.ensureOpen(document)
  await until(() => actors.every(({ isSaved }) => isSaved), `everybody is saved at the end (seed ${seed})`)
  for (const document of documents) {
    await until(async () => {
      const { text } = await readTruth(ask, document)
      return actors.every((actor) => actor.textOf(document) === text)
    }, `everybody has the text of the database (seed ${seed})`)
  }
  for (const actor of actors) actor.destroy()
  await server.stop()
  return witness
}

/** One person: a socket, and documents that are open or closed, with what they typed in them. */
class Actor {
  readonly #socket
  readonly #docs = new Map<DocumentId, Y.Doc>()
  readonly #open = new Map<DocumentId, TestClient>()
  readonly #person: TestPerson
  readonly #random: () => number
  readonly #url: string
  readonly #witness: Witness

  constructor(person: TestPerson, random: () => number, url: string, witness: Witness) {
    this.#person = person
    this.#random = random
    this.#url = url
    this.#witness = witness
    this.#socket = openSocket(url)
  }

  get isSaved(): boolean {
    return [...this.#open.values()].every(({ isSaved }) => isSaved)
  }

  textOf(document: DocumentId): string | undefined {
    return this.#docs.get(document)?.getText('text').toString()
  }

  ensureOpen(document: DocumentId): void {
    if (!this.#open.has(document)) this.toggle(document)
  }

  toggle(document: DocumentId): void {
    const client = this.#open.get(document)
    if (client) {
      client.destroy()
      this.#open.delete(document)
      return
    }
    const doc = this.#docs.get(document) ?? new Y.Doc()
    this.#docs.set(document, doc)
    const token = this.#random() < 0.5 ? this.#person.token : this.#slowToken(this.#random() * 40)
    const opened = openDocument({ url: this.#url, token, document, doc, socket: this.#socket })
    this.#witness.watch(document, opened)
    this.#open.set(document, opened)
  }

  type(document: DocumentId): void {
    const text = this.#docs.get(document)?.getText('text')
    if (!text) return
    const at = Math.floor(this.#random() * (text.length + 1))
    if (this.#random() < 0.25 && text.length > at) text.delete(at, Math.min(text.length - at, 3))
    else text.insert(at, 'abc '.slice(Math.floor(this.#random() * 4)))
  }

  loseConnection(): void {
    this.#socket.webSocket?.close()
  }

  destroy(): void {
    for (const client of this.#open.values()) client.destroy()
    this.#socket.destroy()
  }

  #slowToken(delayMs: number): () => Promise<string> {
    return async () => {
      await sleep(delayMs)
      return this.#person.token
    }
  }
}

/** Opens a document for the first time, so that the witness knows its seed. */
async function beginWith(document: DocumentId, server: TestCollab, witness: Witness): Promise<void> {
  const person = await addPerson(ask, project, 'First', 'editor')
  const client = openDocument({ url: server.url, token: person.token, document })
  await until(() => client.isSaved, 'it is seeded')
  client.destroy()
  const { doc } = await readTruth(ask, document)
  Y.applyUpdate(witness.durable(document), Y.encodeStateAsUpdate(doc))
}

async function editByServer({ collab }: TestCollab, document: DocumentId): Promise<void> {
  try {
    const read = (await collab.liveDocuments.read([document])).get(document)
    if (read)
      await editAsServer(collab.liveDocuments, document, SKEIN, read.revision, [{ at: 0, remove: 0, insert: '>' }])
  } catch {
    // The database was away: nothing was promised.
  }
}

const breakDatabaseConnections = () =>
  ask(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'skein_log' and datname = current_database()`,
  )
