import type { Document } from '@hocuspocus/server'
import { expect, test } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import {
  applyAwareness,
  applyForeign,
  encodeOwn,
  FROM_OTHER_NODES,
  findForeign,
  type Presenter,
  removeAwareness,
  removeForeign,
  type ShownBy,
} from './awareness.ts'

/** A node with one document, whose viewers see what leaves it. */
class Stage {
  readonly awareness = new Awareness(new Y.Doc())
  readonly shownBy: ShownBy
  readonly viewer = new Awareness(new Y.Doc())
  readonly #claims = new Map<number, string>()
  readonly doc: Pick<Document, 'awareness'>
  readonly name: string
  told: Uint8Array[] = []

  constructor(name: string, shownBy: ShownBy = new Map()) {
    this.name = name
    this.shownBy = shownBy
    this.doc = { awareness: this.awareness }
    this.awareness.setLocalState(null)
    this.awareness.on('update', ({ added, updated, removed }: Record<string, number[]>, origin: unknown) => {
      const changed = [...(added ?? []), ...(updated ?? []), ...(removed ?? [])]
      applyAwarenessUpdate(this.viewer, encodeAwarenessUpdate(this.awareness, changed), 'server')
      if (origin !== FROM_OTHER_NODES) this.told.push(encodeOwn(this.doc, this.shownBy, changed))
    })
  }

  claim = (clientId: number, userId: string): boolean => {
    const owner = this.#claims.get(clientId) ?? userId
    this.#claims.set(clientId, owner)
    return owner === userId
  }

  /** What its viewers see of the client. */
  sees = (client: Awareness) => this.viewer.getStates().get(client.clientID)?.cursor

  /** Gives the other node what was told since the last call. */
  tell(other: Stage): void {
    for (const update of this.told.splice(0)) other.hear(this, update)
  }

  hear({ name: node }: Stage, update: Uint8Array, isWhole = false): number[] {
    return applyForeign(this.doc, this.shownBy, update, { node, heardAt: 0, isWhole, claim: this.claim })
  }

  /** All that it shows. */
  get whole(): Uint8Array {
    return encodeOwn(this.doc, this.shownBy, this.shownBy.keys())
  }
}

/** Somebody's page, attached to one node after the other. */
class Page {
  readonly awareness = new Awareness(new Y.Doc())
  readonly user: Presenter['user']

  constructor(id: string) {
    this.user = { id, name: id, colour: 1 }
  }

  /** A new address at the node; returns how the node takes what it sends. */
  connect(stage: Stage) {
    const claim = (clientId: number) => stage.claim(clientId, this.user.id)
    const presenter: Presenter = { user: this.user, shows: new Set(), claim }
    const send = () =>
      applyAwareness(
        stage.doc,
        stage.shownBy,
        encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]),
        presenter,
      )
    return {
      send,
      shows: presenter.shows,
      show: (cursor: number) => {
        this.awareness.setLocalStateField('cursor', cursor)
        send()
      },
      close: () => removeAwareness(stage.doc, stage.shownBy, presenter),
    }
  }
}

/** As a Map that nobody goes through. */
class Keyed<K, V> extends Map<K, V> {
  override forEach = refuse
  override entries = refuse
  override values = refuse
  override [Symbol.iterator] = refuse
}

const refuse = (): never => {
  throw new Error('everybody who is shown was looked at')
}

test('GT9: a frame costs nothing for those whom it does not name, and a socket that gives a client id away has room again', () => {
  const stage = new Stage('a', new Keyed())
  const [old, page] = [new Page('ana'), new Page('ana')]
  const [first, second] = [old.connect(stage), page.connect(stage)]
  first.show(1)
  expect([...first.shows]).toEqual([old.awareness.clientID])
  const again = old.connect(stage)
  again.show(2)
  expect([first.shows, again.shows].map(({ size }) => size)).toEqual([0, 1])
  second.show(3)
  first.close()
  expect([stage.sees(old.awareness), stage.sees(page.awareness)]).toEqual([2, 3])
  again.close()
  expect([old, page].map(({ awareness }) => stage.viewer.getStates().has(awareness.clientID))).toEqual([false, true])
})

test('MN6: viewers of another node see a cursor move, and leave', () => {
  const [a, b] = [new Stage('a'), new Stage('b')]
  const ana = new Page('ana')
  const socket = ana.connect(a)
  for (const cursor of [1, 2, 3]) {
    socket.show(cursor)
    a.tell(b)
    expect(b.sees(ana.awareness)).toBe(cursor)
  }
  expect(b.told).toEqual([])
  socket.close()
  a.tell(b)
  expect(b.sees(ana.awareness)).toBeUndefined()
  expect(b.shownBy.size).toBe(0)
})

test('MN6: a page that comes back through another node is seen there and here, at every move, while its old socket dies late', () => {
  const [a, b] = [new Stage('a'), new Stage('b')]
  const ana = new Page('ana')
  const old = ana.connect(a)
  for (const cursor of [1, 2, 3]) old.show(cursor)
  a.tell(b)
  const now = ana.connect(b)
  now.send()
  b.tell(a)
  for (const cursor of [4, 5]) {
    now.show(cursor)
    b.tell(a)
    expect([a.sees(ana.awareness), b.sees(ana.awareness)]).toEqual([cursor, cursor])
  }
  old.close()
  a.tell(b)
  expect([a.sees(ana.awareness), b.sees(ana.awareness)]).toEqual([5, 5])
  now.show(6)
  b.tell(a)
  expect([a.sees(ana.awareness), b.sees(ana.awareness)]).toEqual([6, 6])
})

test('MN6: word of an old socket that died is answered by the node where the page is now', () => {
  const [a, b] = [new Stage('a'), new Stage('b')]
  const ana = new Page('ana')
  const old = ana.connect(a)
  old.show(1)
  // The other node did not hear of her before she came to it.
  a.told = []
  const now = ana.connect(b)
  now.send()
  b.tell(a)
  old.close()
  const [goodbye] = a.told.splice(0)
  const ours = b.hear(a, goodbye as Uint8Array)
  expect(ours).toEqual([ana.awareness.clientID])
  expect(b.sees(ana.awareness)).toBe(1)
  a.hear(b, encodeOwn(b.doc, b.shownBy, ours))
  expect(a.sees(ana.awareness)).toBe(1)
})

test('MN6: a node that was taken for gone and comes back is seen again, and so is each move after that', () => {
  const [a, b] = [new Stage('a'), new Stage('b')]
  const ana = new Page('ana')
  const socket = ana.connect(a)
  for (const cursor of [1, 2, 3]) socket.show(cursor)
  a.tell(b)
  removeForeign(
    b.doc,
    b.shownBy,
    findForeign(b.shownBy, ({ node }) => node === 'a'),
  )
  expect(b.sees(ana.awareness)).toBeUndefined()
  b.hear(a, a.whole, true)
  expect(b.sees(ana.awareness)).toBe(3)
  for (const cursor of [4, 5]) {
    socket.show(cursor)
    a.tell(b)
    expect(b.sees(ana.awareness)).toBe(cursor)
  }
})

test('MN6: whoever left unheard is not in the next whole picture, and goes', () => {
  const [a, b, c] = [new Stage('a'), new Stage('b'), new Stage('c')]
  const [ana, ben, cid] = [new Page('ana'), new Page('ben'), new Page('cid')]
  ana.connect(a).show(1)
  const left = ben.connect(a)
  left.show(2)
  a.tell(b)
  cid.connect(c).show(3)
  c.tell(b)
  left.close()
  b.hear(a, a.whole, true)
  expect([ana, ben, cid].map(({ awareness }) => b.sees(awareness))).toEqual([1, undefined, 3])
})

test('GT8: nobody shows, at one node, the client id that somebody else shows or has shown at another', () => {
  const [a, b] = [new Stage('a'), new Stage('b')]
  const ana = new Page('ana')
  const socket = ana.connect(a)
  socket.show(1)
  a.tell(b)
  const ben = new Page('ben')
  ben.awareness.clientID = ana.awareness.clientID
  ben.awareness.setLocalState({ cursor: 99 })
  ben.connect(b).send()
  expect(b.sees(ana.awareness)).toBe(1)
  expect(b.told).toEqual([])
  socket.close()
  a.tell(b)
  ben.connect(b).send()
  expect(b.sees(ana.awareness)).toBeUndefined()
})

test('MN6: what another node tells without a stamp, or of more people than there may be, is left out', () => {
  const b = new Stage('b')
  const crowd = new Awareness(new Y.Doc())
  crowd.setLocalState({ cursor: 1 })
  b.hear(new Stage('a'), encodeAwarenessUpdate(crowd, [crowd.clientID]))
  expect(b.shownBy.size).toBe(0)
  for (let clientId = 1; clientId <= 2_100; clientId++) {
    crowd.states.set(clientId, { user: { id: `u${clientId}`, name: 'Somebody', colour: 1 } })
    crowd.meta.set(clientId, { clock: 1, lastUpdated: 0 })
  }
  b.hear(new Stage('a'), encodeAwarenessUpdate(crowd, [...crowd.states.keys()]))
  expect(b.shownBy.size).toBe(2_000)
})
