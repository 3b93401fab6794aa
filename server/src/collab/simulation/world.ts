/**
 * The whole world of live documents in one process, from one seed: people at stock providers, a network that delays and breaks, two nodes that
 * crash, drain and come back, a relay that loses messages, and a store that orders commits as PostgreSQL does. Time is virtual.
 */
import { type DocumentId, personToActorKey, SKEIN, type UserId } from '@skein/protocol'
import type { Admission, Doorkeeper } from '../authentication.ts'
import { Denial } from '../authentication.ts'
import { CollabNode } from '../collab-node.ts'
import { CollabSocket } from '../socket.ts'
import { MemoryDocumentStore, type StorePicture } from '../testing/memory-document-store.ts'
import { RelayNetwork } from '../testing/memory-relay.ts'
import { createFaultyStore, type StoreWeather } from './faulty-store.ts'
import { Connection, type Listener, type NetworkWeather } from './network.ts'
import { Person } from './person.ts'
import { seededRandom } from './seeded-random.ts'
import { silentLog, silentMetrics } from './silence.ts'
import { Truth } from './truth.ts'
import { inVirtualTime, type VirtualTime } from './virtual-time.ts'

export interface SimulationOptions {
  seed: number
  /** The control: acknowledgements leave from memory. */
  acknowledgesFromMemory?: boolean
  /** The store goes back some moments now and then, as when a standby that lags takes over. */
  goesBack?: boolean
  /** The control of that: commits do not say what they build on. */
  buildsOnAnything?: boolean
}

export interface SimulationResult {
  wrong: string[]
  /** How often somebody was told saved. */
  claims: number
  crashes: number
  /** How often the store went back and lost rows. */
  losses: number
}

const NODES = ['a', 'b'] as const
const PEOPLE = 3
const DOCUMENTS = 2
const STEPS = 60
const STEP_MS_MAX = 60
const OFFLINE_MS_MAX = 3_000
const SETTLED_WITHIN_MS = 60_000
/** How far the standby lags at most, in steps; who was told of what it lacks holds it for longer, and brings it back within the last time. */
const LAG_STEPS_MAX = 6
const IDLE_MS = 300
const IDLE_WITH_STANDBY_MS = 8_000
const NOTICED_WITHIN_MS = 2_000
const BROUGHT_BACK_WITHIN_MS = 6_000

interface SimulatedNode extends Listener {
  /** An edit by the server, in a document that is open there. */
  edit(document: DocumentId): void
  crash(): void
  drain(): void
  end(): void
}

export const simulate = ({ seed, ...options }: SimulationOptions): Promise<SimulationResult> => {
  const random = seededRandom(seed)
  return inVirtualTime(random, (time) => new World(random, time, options).run())
}

class World {
  readonly #random: () => number
  readonly #time: VirtualTime
  readonly #options: Omit<SimulationOptions, 'seed'>
  readonly #truth = new Truth()
  readonly #store: MemoryDocumentStore
  readonly #documents: DocumentId[]
  readonly #relays: RelayNetwork
  readonly #nodes = new Map<string, SimulatedNode>()
  readonly #people: Person[] = []
  readonly #network: NetworkWeather
  readonly #storeWeather: StoreWeather
  #isFair = false
  #comers = 0
  #crashes = 0
  #edits = 0
  /** What the standby may have. Nobody dies with what it lacks: that would be lost for good. */
  #standby: StorePicture[] = []
  #losses = 0
  #isBringingBack = false
  #isTakingOver = false
  #draining = 0

  constructor(random: () => number, time: VirtualTime, options: Omit<SimulationOptions, 'seed'>) {
    this.#random = random
    this.#time = time
    this.#options = options
    this.#store = new MemoryDocumentStore(random)
    this.#documents = Array.from({ length: DOCUMENTS }, (_, n) =>
      this.#store.add(n === 0 ? '' : 'begun', `0000000${n}-0000-4000-8000-000000000000` as DocumentId),
    )
    for (const document of this.#documents) this.#truth.add(document, this.#store.replay(document))
    const latency = random() * 40
    this.#network = {
      delayMs: () => (this.#isFair ? 1 : random() * latency),
      noticeMs: () => (this.#isFair ? 1 : random() * 400),
    }
    this.#storeWeather = { delayMs: () => (this.#isFair ? 1 : random() * 25), failsBefore: 0.04, failsAfter: 0.04 }
    this.#relays = new RelayNetwork(time.clock, {
      delayMs: () => (this.#isFair ? 1 : random() * 30),
      loses: () => !this.#isFair && random() < 0.1,
    })
  }

  async run(): Promise<SimulationResult> {
    for (const name of NODES) this.#boot(name)
    for (let n = 0; n < PEOPLE; n++) this.#come()
    for (let step = 0; step < STEPS; step++) {
      if (this.#options.goesBack) this.#replicate()
      this.#act()
      await this.#time.pass(this.#random() * STEP_MS_MAX)
      for (const person of this.#people) {
        for (const document of person.seesTooMuch())
          this.#truth.wrong.push(`${person.name} saw text of ${document} that was not durable`)
      }
    }
    await this.#settle()
    for (const person of this.#people) person.leave()
    for (const node of this.#nodes.values()) node.end()
    const { wrong, claims } = this.#truth
    return { wrong, claims, crashes: this.#crashes, losses: this.#losses }
  }

  /** One thing happens. */
  #act(): void {
    const chance = this.#random()
    const person = this.#pick(this.#people)
    const node = this.#pick(NODES)
    const document = this.#pick(this.#documents)
    if (chance < 0.5) person.type()
    else if (chance < 0.6) person.delete()
    else if (chance < 0.67) person.loseConnection()
    else if (chance < 0.69) person.goOffline(this.#random() * OFFLINE_MS_MAX)
    else if (chance < 0.72) person.reconnect()
    else if (chance < 0.79) this.#nodes.get(node)?.edit(document)
    else if (this.#isBringingBack && chance >= 0.79 && chance < 0.89) return
    else if (chance < 0.795) this.#endEpoch(document)
    else if (chance < 0.83) this.#replace(person)
    else if (chance < 0.87) this.#crash(node)
    else if (chance < 0.89) this.#nodes.get(node)?.drain()
    else if (chance < 0.92) this.#relays.cut(node)
    else if (chance < 0.95) this.#relays.mend(node)
    else this.#store.compact(document)
  }

  /** The weather clears; everybody must be saved, all must see the same, and that must be what is stored. */
  async #settle(): Promise<void> {
    this.#isFair = true
    this.#storeWeather.failsBefore = 0
    this.#storeWeather.failsAfter = 0
    for (const name of NODES) {
      if (!this.#nodes.has(name)) this.#boot(name)
      this.#relays.mend(name)
    }
    // A deletion right after connecting may stay unacknowledged until the next connection (SPEC, "What is left to chance").
    for (const person of this.#people) person.reconnect()
    const isOver = () =>
      this.#people.every(({ isSaved }) => isSaved) &&
      this.#documents.every((document) => new Set(this.#people.map((person) => person.textOf(document))).size === 1)
    const hasSettled = await this.#time.until(isOver, SETTLED_WITHIN_MS)
    if (!hasSettled) this.#truth.wrong.push('it did not settle')
    for (const document of this.#documents) {
      const text = this.#store.textOf(document)
      if (hasSettled && this.#people[0]?.textOf(document) !== text)
        this.#truth.wrong.push('what is shown is not what is stored')
      this.#truth.checkEnd(document, text)
    }
  }

  #come(): void {
    const name = `p${this.#comers++}`
    const findNode = () =>
      person.isOffline || this.#isTakingOver ? null : (this.#pick([...this.#nodes.values()]) ?? null)
    const person: Person = new Person({
      name,
      random: this.#random,
      clock: this.#time.clock,
      truth: this.#truth,
      documents: this.#documents,
      connect: (onGone) => new Connection(this.#time.clock, this.#network, findNode, onGone),
    })
    this.#people.push(person)
  }

  /** A browser dies with what only it knew; somebody else comes. */
  #replace(person: Person): void {
    this.#people.splice(this.#people.indexOf(person), 1)
    person.leave()
    this.#come()
  }

  #crash(name: string): void {
    const node = this.#nodes.get(name)
    if (!node) return
    this.#crashes++
    this.#standby = []
    this.#nodes.delete(name)
    node.crash()
    this.#time.clock.after(this.#random() * 500, () => this.#nodes.has(name) || this.#boot(name))
  }

  #boot(name: string): void {
    const { clock } = this.#time
    const connections = new Set<Connection>()
    let isDead = false
    const node = new CollabNode({
      store: createFaultyStore({
        store: this.#store,
        clock,
        weather: this.#storeWeather,
        isDead: () => isDead,
        onCommitted: (item, seq) => this.#truth.committed(item, seq),
        buildsOnAnything: this.#options.buildsOnAnything ?? false,
      }),
      relay: this.#relays.connect(name),
      clock,
      events: { tell: () => {} },
      log: silentLog,
      metrics: silentMetrics,
      failpoints: { acknowledgesFromMemory: this.#options.acknowledgesFromMemory ?? false },
      times: {
        idleMs: this.#options.goesBack ? IDLE_WITH_STANDBY_MS : IDLE_MS,
        roundMs: 100,
        quietMs: 150,
        headsMs: 1_000,
        spreadMs: 100,
      },
    })
    void node.run()
    this.#nodes.set(name, {
      connect: (socket, connection) => {
        connections.add(connection)
        return node.connect(new CollabSocket(socket, clock), this.#doorkeeper(), 'somewhere')
      },
      crash: () => {
        isDead = true
        this.#relays.kill(name)
        for (const connection of connections) connection.loseNode()
        // What is left of it reaches nobody; its timers need not run on.
        void node.stop()
      },
      drain: () => {
        this.#draining++
        this.#standby = []
        this.#nodes.delete(name)
        void node.drain().then(async () => {
          await node.stop()
          this.#draining--
          if (!this.#nodes.has(name)) this.#boot(name)
        })
      },
      edit: (document) => this.#edit(node, document),
      end: () => void node.stop(),
    })
  }

  #edit({ open, documentLog }: CollabNode, document: DocumentId): void {
    const opened = open.get(document)
    if (!opened || opened.isClosed) return
    const word = `<server.${this.#edits++}>`
    opened.edit({ actor: SKEIN }, (text) => text.insert(0, word))
    const look = () => opened.text
    documentLog.cut(document, look).then(
      ({ seq, taken }) => {
        this.#truth.looked(document, seq, taken)
        this.#truth.promised(document, word)
      },
      () => {}, // Nothing was promised.
    )
  }

  /** The standby follows; now and then it takes over. */
  #replicate(): void {
    if (this.#isBringingBack || this.#draining > 0) return
    const [picture] = this.#standby
    if (picture && this.#random() < 0.05) this.#goBack(picture)
    else this.#standby = [...this.#standby, this.#store.picture()].slice(-LAG_STEPS_MAX)
  }

  #goBack(picture: StorePicture): void {
    const headsBefore = this.#documents.map((document) => this.#store.headOf(document))
    this.#store.goBack(picture)
    this.#standby = []
    this.#isBringingBack = true
    // Nobody comes to a node that does not know yet what another one still holds (SPEC, "What is left to chance").
    this.#isTakingOver = true
    this.#time.clock.after(NOTICED_WITHIN_MS, () => {
      this.#isTakingOver = false
    })
    for (const [n, document] of this.#documents.entries()) {
      const head = this.#store.headOf(document)
      if (head < (headsBefore[n] ?? 0)) this.#losses++
      this.#truth.wentBack(document, this.#store.replay(document), head)
    }
    this.#time.clock.after(BROUGHT_BACK_WITHIN_MS, () => {
      this.#isBringingBack = false
      for (const document of this.#documents) this.#truth.endMercy(document)
    })
  }

  /** As after a disaster: the text is restored, its history begins anew. */
  #endEpoch(document: DocumentId): void {
    this.#standby = []
    const text = this.#store.textOf(document)
    this.#store.endEpoch(document, text)
    this.#truth.epochEnded(document, this.#store.replay(document), this.#store.headOf(document))
  }

  /** Lets everybody in, after a while, and now and then cannot say. */
  #doorkeeper(): Doorkeeper {
    const { clock } = this.#time
    return {
      hasExpired: false,
      isGuessing: false,
      admit: async (name, document): Promise<Admission> => {
        await clock.sleep(this.#network.delayMs())
        if (!this.#isFair && this.#random() < 0.02) throw new Denial('unavailable')
        return {
          document: document as DocumentId,
          actor: personToActorKey(name as UserId),
          user: { id: name, name, colour: 1 },
          isReadOnly: false,
        }
      },
    }
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }
}
