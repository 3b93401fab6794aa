import type { ProjectId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { PushTurns } from './turns.ts'

const [one, other] = ['one', 'other'] as ProjectId[]
const quiet = new AbortController().signal

test('RP6: pushes of a project come one after the other, those of others beside them', async () => {
  const turns = new PushTurns()
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const push = (project: ProjectId | undefined, name: string, until?: Promise<void>) =>
    turns.take(project as ProjectId, quiet, async () => {
      order.push(`${name} begins`)
      await until
      order.push(`${name} ends`)
    })
  const running = [push(one, 'first', first.promise), push(one, 'second'), push(other, 'other')]
  await running[2]
  expect(order).toEqual(['first begins', 'other begins', 'other ends'])
  first.resolve()
  await Promise.all(running)
  expect(order.slice(3)).toEqual(['first ends', 'second begins', 'second ends'])
})

test('RP6: who waits too long is told so, and who has gone waits no longer', async () => {
  const turns = new PushTurns(50)
  const held = Promise.withResolvers<void>()
  const first = turns.take(one as ProjectId, quiet, () => held.promise)
  await expect(turns.take(one as ProjectId, quiet, async () => {})).rejects.toMatchObject({ code: 'unavailable' })
  const gone = AbortSignal.abort(new Error('the client has gone'))
  await expect(turns.take(one as ProjectId, gone, async () => {})).rejects.toThrow('gone')
  held.resolve()
  await first
  await turns.take(one as ProjectId, quiet, async () => {})
})
