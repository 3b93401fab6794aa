/**
 * What carries between nodes, in memory: for tests and simulations, with a clock of their own. It may delay, lose and reorder; a node may
 * be cut off from the others and come back, or die without a word.
 */
import type { DocumentId } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import type { Relay, RelayListener } from '../relay.ts'

export interface RelayWeather {
  /** Of each message to each node; messages overtake each other when it varies. Default: none, in the next turn of the loop. */
  delayMs?: () => number
  /** Whether a message between two nodes gets lost. */
  loses?: (from: string, to: string) => boolean
}

/** A node that says nothing for that long is taken for dead by the others. */
const SILENCE_MS = 3_000

interface Member {
  name: string
  listener: RelayListener | null
  joined: Set<DocumentId>
  isCut: boolean
}

export class RelayNetwork {
  weather: RelayWeather
  readonly #clock: Clock
  readonly #members = new Map<string, Member>()

  constructor(clock: Clock, weather: RelayWeather = {}) {
    this.#clock = clock
    this.weather = weather
  }

  /** The relay of one node; a name may be taken again by a node that comes after one that has gone. */
  connect(name: string): Relay {
    const member: Member = { name, listener: null, joined: new Set(), isCut: false }
    const tell = (call: (listener: RelayListener) => void, document?: DocumentId) => this.#tell(member, call, document)
    return {
      start: async (listener) => {
        member.listener = listener
        this.#members.set(name, member)
        tell((other) => other.onPeopleAsked())
      },
      join: async (document) => void member.joined.add(document),
      leave: (document) => void member.joined.delete(document),
      publish: (row) => tell((other) => other.onRow({ ...row }), row.document),
      showPresence: (document, update, isWhole) =>
        tell((other) => other.onPresence({ document, node: name, update: update.slice(), isWhole }), document),
      askPresence: (document) => tell((other) => other.onPresenceAsked(document), document),
      showPeople: (project, people) =>
        tell((other) => other.onPeople({ project, node: name, people: structuredClone(people) })),
      stop: async () => {
        tell((other) => other.onNodeGone(name))
        this.#remove(member)
      },
    }
  }

  /** The node hears nothing and nobody hears it. */
  cut(name: string): void {
    const member = this.#members.get(name)
    if (member) member.isCut = true
  }

  /** It is among the others again, and knows that it was not. */
  mend(name: string): void {
    const member = this.#members.get(name)
    if (!member?.isCut) return
    member.isCut = false
    member.listener?.onReconnected()
  }

  /** The node has died without a word; the others notice its silence. */
  kill(name: string): void {
    const member = this.#members.get(name)
    if (!member) return
    this.#remove(member)
    this.#clock.after(SILENCE_MS, () => {
      if (this.#members.has(name)) return
      for (const { listener, isCut } of this.#members.values()) if (!isCut) listener?.onNodeGone(name)
    })
  }

  #remove(member: Member): void {
    member.listener = null
    if (this.#members.get(member.name) === member) this.#members.delete(member.name)
  }

  #tell(from: Member, call: (listener: RelayListener) => void, document?: DocumentId): void {
    if (from.isCut || !from.listener) return
    for (const to of this.#members.values()) {
      if (to === from || this.weather.loses?.(from.name, to.name)) continue
      const arrive = () => {
        const isHeard = !to.isCut && to.listener && (document === undefined || to.joined.has(document))
        if (isHeard) call(to.listener as RelayListener)
      }
      const delayMs = this.weather.delayMs?.() ?? 0
      if (delayMs > 0) this.#clock.after(delayMs, arrive)
      else this.#clock.soon(arrive)
    }
  }
}
