/** What every relay keeps to. A test file of each implementation calls `testRelay` with a way to set up three nodes. */

import { randomUUID } from 'node:crypto'
import type { DocumentId, FileId, ProjectId, UserId, WorkspaceId } from '@skein/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Relay, RelayedPeople, RelayedPresence, RelayedRow, RelayListener } from './relay.ts'
import { until } from './testing/client.ts'

/** Three nodes that are not started yet, and the transport between them. */
export interface RelayTrial {
  relays: readonly [Relay, Relay, Relay]
  /** Takes the transport away from all of them, until `mend`. */
  cut(): Promise<void>
  mend(): Promise<void>
  stop(): Promise<void>
}

/** Hears one node. */
class Ear implements RelayListener {
  rows: RelayedRow[] = []
  presence: RelayedPresence[] = []
  asked: DocumentId[] = []
  people: RelayedPeople[] = []
  peopleAsked = 0
  gone: string[] = []
  reconnected = 0

  onRow(row: RelayedRow): void {
    this.rows.push(row)
  }

  onPresence(presence: RelayedPresence): void {
    this.presence.push(presence)
  }

  onPresenceAsked(document: DocumentId): void {
    this.asked.push(document)
  }

  onPeople(people: RelayedPeople): void {
    this.people.push(people)
  }

  onPeopleAsked(): void {
    this.peopleAsked++
  }

  onNodeGone(node: string): void {
    this.gone.push(node)
  }

  onReconnected(): void {
    this.reconnected++
  }
}

const newId = <Id extends string>(): Id => randomUUID() as string as Id
const rowOf = (document: DocumentId, seq: number, payload = Uint8Array.of(0, 255, seq)): RelayedRow => ({
  document,
  epoch: 1,
  timeline: 1,
  seq,
  payload,
})

export const testRelay = (name: string, create: () => Promise<RelayTrial>): void => {
  describe(`the contract of a relay: ${name}`, () => {
    let trial: RelayTrial
    let a: Relay
    let b: Relay
    let c: Relay
    let ears: [Ear, Ear, Ear]
    let document: DocumentId

    beforeEach(async () => {
      trial = await create()
      const [first, second, third] = trial.relays
      a = first
      b = second
      c = third
      ears = [new Ear(), new Ear(), new Ear()]
      for (const [i, relay] of trial.relays.entries()) await relay.start(ears[i] as Ear)
      document = newId()
    })
    afterEach(() => trial.stop())

    test('rows arrive as they were published, in the order of their node, at those who joined, and not at their own', async () => {
      await a.join(document)
      await b.join(document)
      const rows = Array.from({ length: 100 }, (_, n) => rowOf(document, n + 1))
      for (const row of rows) a.publish(row)
      await until(() => ears[1].rows.length === 100, 'all rows are there')
      expect(ears[1].rows.map((row) => ({ ...row, payload: [...row.payload] }))).toEqual(
        rows.map((row) => ({ ...row, payload: [...row.payload] })),
      )
      expect(ears[0].rows).toEqual([])
      expect(ears[2].rows).toEqual([])
    })

    test('whoever left hears nothing more, and may join again', async () => {
      const other = newId<DocumentId>()
      await b.join(document)
      await b.join(other)
      b.leave(document)
      a.publish(rowOf(document, 1))
      a.publish(rowOf(other, 1))
      await until(() => ears[1].rows.length > 0, 'the other document is heard')
      expect(ears[1].rows.map((row) => row.document)).toEqual([other])
      await b.join(document)
      a.publish(rowOf(document, 2))
      await until(() => ears[1].rows.length > 1, 'it is heard again')
      expect(ears[1].rows[1]).toMatchObject({ document, seq: 2 })
    })

    test('a row of several megabytes arrives whole', async () => {
      await b.join(document)
      const payload = new Uint8Array(5 * 1024 * 1024).map((_, n) => n * 31)
      a.publish(rowOf(document, 1, payload))
      await until(() => ears[1].rows.length > 0, 'it is there')
      expect(Buffer.compare(ears[1].rows[0]?.payload as Uint8Array, payload)).toBe(0)
    })

    test('presence comes with the name of its node, and whoever asks for it is heard', async () => {
      await a.join(document)
      await b.join(document)
      b.askPresence(document)
      await until(() => ears[0].asked.length > 0, 'the question arrives')
      expect(ears[0].asked).toEqual([document])
      a.showPresence(document, Uint8Array.of(1, 2, 3), true)
      await until(() => ears[1].presence.length > 0, 'presence arrives')
      expect(ears[1].presence[0]).toMatchObject({ document, isWhole: true })
      expect([...(ears[1].presence[0]?.update ?? [])]).toEqual([1, 2, 3])
      expect(ears[2].presence).toEqual([])
    })

    test('the people of a project are told to every node', async () => {
      const project = { projectId: newId<ProjectId>(), workspaceId: newId<WorkspaceId>() }
      const people = [{ person: { id: 'ana' as UserId, name: 'Ana', colour: 3 }, fileIds: [newId<FileId>()] }]
      a.showPeople(project, people)
      await until(() => ears[1].people.length > 0 && ears[2].people.length > 0, 'both know')
      expect(ears[1].people[0]).toMatchObject({ project, people })
      expect(ears[2].people[0]).toMatchObject({ project, people })
    })

    test('a node that stops says goodbye, under the name that its presence had', async () => {
      await b.join(document)
      a.showPresence(document, Uint8Array.of(1), false)
      await until(() => ears[1].presence.length > 0, 'presence arrives')
      await a.stop()
      await until(() => ears[1].gone.length > 0 && ears[2].gone.length > 0, 'both hear the goodbye')
      expect(ears[1].gone).toEqual([ears[1].presence[0]?.node])
    })

    test('while the transport is away nothing fails; when it is back, it is said, and documents that were joined are heard', async () => {
      const late = newId<DocumentId>()
      await b.join(document)
      await trial.cut()
      await b.join(late)
      a.publish(rowOf(document, 1))
      a.showPresence(document, Uint8Array.of(1), false)
      c.askPresence(document)
      await trial.mend()
      await until(() => ears.every(({ reconnected }) => reconnected > 0), 'everybody knows that it was away')
      await until(() => {
        a.publish(rowOf(document, 2))
        a.publish(rowOf(late, 3))
        return ears[1].rows.some(({ seq }) => seq === 2) && ears[1].rows.some(({ seq }) => seq === 3)
      }, 'rows arrive again')
    })
  })
}
