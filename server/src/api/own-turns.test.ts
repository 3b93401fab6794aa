import { expect, test } from 'vitest'
import { OWN_WAITING_MAX, OwnTurns } from './own-turns.ts'

const never = new AbortController().signal

/** Work that is at it until it is told to end. */
const begin = (turns: OwnTurns, who: string, signal = never) => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const state = { isAtWork: false, end: resolve }
  const done = turns.take(who, signal, () => {
    state.isAtWork = true
    return promise
  })
  return Object.assign(state, { done })
}

test('one piece of a person is at work at a time, in their order, and others do not wait for it', async () => {
  const turns = new OwnTurns()
  const [first, second, third] = [begin(turns, 'ana'), begin(turns, 'ana'), begin(turns, 'ana')]
  const other = begin(turns, 'ben')
  await new Promise(setImmediate)
  expect([first, second, third, other].map(({ isAtWork }) => isAtWork)).toEqual([true, false, false, true])
  first.end('one')
  expect(await first.done).toBe('one')
  await new Promise(setImmediate)
  expect([second.isAtWork, third.isAtWork]).toEqual([true, false])
  second.end('two')
  third.end('three')
  expect(await third.done).toBe('three')
  expect(begin(turns, 'ana').done).toBeInstanceOf(Promise)
  other.end('')
})

test('work that fails makes room for the next', async () => {
  const turns = new OwnTurns()
  const failing = turns.take('ana', never, () => Promise.reject(new Error('broken')))
  const next = turns.take('ana', never, async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
})

test('whoever goes leaves the line, and nobody waits in a line that is too long', async () => {
  const turns = new OwnTurns()
  const first = begin(turns, 'ana')
  const gone = new AbortController()
  const leaving = begin(turns, 'ana', gone.signal)
  const waiting = Array.from({ length: OWN_WAITING_MAX - 1 }, () => begin(turns, 'ana'))
  await expect(begin(turns, 'ana').done).rejects.toMatchObject({ code: 'unavailable' })
  gone.abort(new Error('went away'))
  await expect(leaving.done).rejects.toThrow('went away')
  const late = begin(turns, 'ana')
  for (const piece of [first, ...waiting, late]) piece.end('done')
  expect(await late.done).toBe('done')
  expect(leaving.isAtWork).toBe(false)
})
