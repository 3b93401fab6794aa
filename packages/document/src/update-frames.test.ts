import type { ActorKey } from '@skein/protocol'
import { expect, test } from 'vitest'
import { decodeUpdateFrames, encodeUpdateFrames } from './update-frames.ts'

const alice = 'person:alice' as ActorKey
const bob = 'person:bob' as ActorKey
const update = (...bytes: number[]) => Uint8Array.from(bytes)

test('frames come back in order, each with its author and run', () => {
  const frames = [
    { actor: alice, update: update(1) },
    { actor: alice, update: update() },
    { actor: bob, update: update(2, 3) },
    { actor: bob, run: 'run-1', update: update(4) },
    { actor: bob, run: 'run-1', update: update(5) },
    { actor: bob, update: update(6) },
    { actor: alice, update: update(7) },
  ]
  expect(decodeUpdateFrames(encodeUpdateFrames(frames))).toEqual(frames)
})

test('a repeated author costs one byte', () => {
  const one = encodeUpdateFrames([{ actor: alice, update: update(1) }])
  const two = encodeUpdateFrames([
    { actor: alice, update: update(1) },
    { actor: alice, update: update(1) },
  ])
  expect(two.length - one.length).toBe(3)
})

test('bytes that are no frames are refused', () => {
  expect(() => decodeUpdateFrames(update(0, 1, 5))).toThrow('names no author')
  expect(() => decodeUpdateFrames(update(1, 200))).toThrow()
})
