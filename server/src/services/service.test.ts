import { expect, test } from 'vitest'
import { type Service, ServiceGroup } from './service.ts'

function recorded(calls: string[], name: string, fails?: 'run' | 'drain'): Service {
  const step = (verb: 'run' | 'drain' | 'stop') => async () => {
    calls.push(`${name} ${verb}`)
    if (verb === fails) throw new Error(`${name} cannot ${verb}`)
  }
  return { name, run: step('run'), drain: step('drain'), stop: step('stop') }
}

test('services run in order, drain in the opposite one, and only then stop', async () => {
  const calls: string[] = []
  const group = new ServiceGroup([recorded(calls, 'a'), recorded(calls, 'b')], () => {})
  await group.run()
  await group.end()
  expect(calls).toEqual(['a run', 'b run', 'b drain', 'a drain', 'b stop', 'a stop'])
})

test('a service that cannot drain is told, and the others end all the same', async () => {
  const calls: string[] = []
  const errors: string[] = []
  const group = new ServiceGroup([recorded(calls, 'a'), recorded(calls, 'b', 'drain')], (name) => errors.push(name))
  await group.run()
  await group.end()
  expect(errors).toEqual(['b'])
  expect(calls.slice(2)).toEqual(['b drain', 'a drain', 'b stop', 'a stop'])
})

test('a start that fails half way ends what had begun', async () => {
  const calls: string[] = []
  const group = new ServiceGroup([recorded(calls, 'a'), recorded(calls, 'b', 'run'), recorded(calls, 'c')], () => {})
  await expect(group.run()).rejects.toThrow('b cannot run')
  await group.end()
  expect(calls).toEqual(['a run', 'b run', 'b drain', 'a drain', 'b stop', 'a stop'])
})
