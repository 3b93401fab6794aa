import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Gather } from './gather.ts'

test('who comes alone is looked up at once; who comes meanwhile waits for the next look, all together', async () => {
  const looks: number[][] = []
  let release = () => {}
  const gather = new Gather<number, string>(async (keys) => {
    looks.push([...keys])
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return keys.map((key) => `answer ${key}`)
  })
  const first = gather.ask(1)
  await setImmediate()
  const others = [gather.ask(2), gather.ask(3)]
  await setImmediate()
  expect(looks).toEqual([[1]])
  release()
  expect(await first).toBe('answer 1')
  await setImmediate()
  release()
  expect(await Promise.all(others)).toEqual(['answer 2', 'answer 3'])
  expect(looks).toEqual([[1], [2, 3]])
})

test('a look that fails fails all who asked, and nobody after them', async () => {
  let isBroken = true
  const gather = new Gather<number, number>(async (keys) => {
    if (isBroken) throw new Error('away')
    return keys
  })
  const answers = await Promise.allSettled([gather.ask(1), gather.ask(2)])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isBroken = false
  expect(await gather.ask(3)).toBe(3)
})

test('one look takes a bounded number', async () => {
  const sizes: number[] = []
  const gather = new Gather<number, number>(async (keys) => {
    sizes.push(keys.length)
    return keys
  })
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => gather.ask(n)))
  expect(sizes).toEqual([500, 500, 200])
})
