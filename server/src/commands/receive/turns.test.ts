import type { ProjectId, UserId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { PushTurns, type TurnLimits } from './turns.ts'

const quiet = new AbortController().signal

/** Pushes that go on until they are told to end; `order` says what has happened. */
function begin(limits: TurnLimits = {}) {
  const turns = new PushTurns(limits)
  const order: string[] = []
  const push = (name: string, project: string, person: string, signal = quiet) => {
    const end = Promise.withResolvers<void>()
    const done = turns.take(project as ProjectId, person as UserId, signal, async () => {
      order.push(`${name} begins`)
      await end.promise
      order.push(`${name} ends`)
    })
    const finish = async () => {
      end.resolve()
      await done
    }
    return { done, finish }
  }
  return { turns, order, push }
}

test('RP6: pushes of a project come one after the other, those of others beside them', async () => {
  const { order, push } = begin()
  const first = push('first', 'one', 'Ana')
  const second = push('second', 'one', 'Ben')
  const other = push('other', 'two', 'Mei')
  await other.finish()
  expect(order).toEqual(['first begins', 'other begins', 'other ends'])
  await first.finish()
  await second.finish()
  expect(order.slice(3)).toEqual(['first ends', 'second begins', 'second ends'])
})

test('RP6: pushes of a person come one after the other, whatever project they are for', async () => {
  const { order, push } = begin()
  const first = push('first', 'one', 'Ana')
  const second = push('second', 'two', 'Ana')
  await push('other', 'three', 'Ben').finish()
  expect(order).not.toContain('second begins')
  await first.finish()
  await second.finish()
  expect(order.indexOf('second begins')).toBeGreaterThan(order.indexOf('first ends'))
})

test('RP6: so many run at once, the others wait for their turn', async () => {
  const { order, push } = begin({ atOnce: 2 })
  const all = ['a', 'b', 'c'].map((name) => push(name, name, name))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(order).toEqual(['a begins', 'b begins'])
  await all[0]?.finish()
  await all[2]?.finish()
  await all[1]?.finish()
  expect(order).toEqual(['a begins', 'b begins', 'a ends', 'c begins', 'c ends', 'b ends'])
})

test('RP6: who waits too long is told so, and who has gone waits no longer', async () => {
  const { turns, push } = begin({ waitMs: 50, atOnce: 1 })
  const first = push('first', 'one', 'Ana')
  for (const [project, person] of [
    ['one', 'Ben'],
    ['two', 'Ana'],
    ['two', 'Ben'],
  ] as [ProjectId, UserId][]) {
    await expect(turns.take(project, person, quiet, async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  }
  const gone = AbortSignal.abort(new Error('the client has gone'))
  await expect(push('gone', 'one', 'Ben', gone).done).rejects.toThrow('gone')
  await first.finish()
  await push('last', 'one', 'Ana').finish()
})

test('RP6: a person has few pushes at once, also of those that have sent nothing yet; others are let in', async () => {
  const { turns } = begin({ ofPerson: 2 })
  const [ana, ben] = ['Ana', 'Ben'] as UserId[] as [UserId, UserId]
  const held = Promise.withResolvers<void>()
  const both = [turns.admit(ana, () => held.promise), turns.admit(ana, () => held.promise)]
  await expect(turns.admit(ana, async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  expect(await turns.admit(ben, async () => 'in')).toBe('in')
  held.resolve()
  await Promise.all(both)
  expect(await turns.admit(ana, async () => 'in')).toBe('in')
})
