import type { PersistedEvent } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProjectChannel, rowsPerRead } from './project-channel.ts'

const event: PersistedEvent = { type: 'members' }

/** Rows as a database has them: reads take a while, see what is committed when they begin, and sometimes fail. */
class Rows {
  last = 0
  readonly #turns: () => number
  readonly #isFailing: () => boolean

  constructor(turns: () => number, isFailing: () => boolean) {
    this.#turns = turns
    this.#isFailing = isFailing
  }

  read = async (after: number) => {
    const rows = []
    for (let seq = after + 1; seq <= this.last && rows.length < rowsPerRead; seq++) rows.push({ seq, event })
    for (let turn = this.#turns(); turn > 0; turn--) await Promise.resolve()
    if (this.#isFailing()) throw new Error('the database is away')
    return rows
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}

test('EV2: every listener gets every row after its own once and in order, whoever joins and leaves when', async () => {
  let given = 0
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 99 })), fc.nat({ max: 700 }), async (dice, before) => {
      const roll = (): number => dice.next().value as number
      const rows = new Rows(
        () => roll() % 7,
        () => false,
      )
      rows.last = before
      const channel = new ProjectChannel(rows.read, () => {})
      const listeners: { after: number; ids: number[]; leave: Promise<() => void>; until: number | null }[] = []
      for (let step = 0; step < 60; step++) {
        const what = roll()
        if (what < 30) {
          const after = Math.max(0, rows.last - (roll() % 600))
          const ids: number[] = []
          listeners.push({ after, ids, leave: channel.join(after, (_, id) => ids.push(id ?? -1)), until: null })
        } else if (what < 75) {
          rows.last += (roll() % 5) + 1
          channel.wake()
        } else if (what < 85) {
          const leaving = listeners.find(({ until }) => until === null)
          if (leaving) {
            ;(await leaving.leave)()
            leaving.until = leaving.ids.length
          }
        } else await settle()
      }
      await settle()
      channel.wake()
      await settle()
      for (const { after, ids, until } of listeners) {
        expect(ids).toEqual(Array.from({ length: until ?? rows.last - after }, (_, n) => after + n + 1))
        given += ids.length
      }
    }),
    { numRuns: 300 },
  )
  expect(given).toBeGreaterThan(10_000)
})

test('EV4: a read that fails is told and tried again', async () => {
  let isAway = true
  const rows = new Rows(
    () => 1,
    () => isAway,
  )
  const faults: unknown[] = []
  const channel = new ProjectChannel(rows.read, (error) => faults.push(error))
  const ids: (number | null)[] = []
  const leave = await channel.join(0, (_, id) => ids.push(id))
  rows.last = 2
  channel.wake()
  await settle()
  expect(faults.length).toBeGreaterThan(0)
  isAway = false
  await expect.poll(() => ids, { timeout: 5_000 }).toEqual([1, 2])
  leave()
})
