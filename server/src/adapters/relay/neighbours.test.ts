import { expect, test } from 'vitest'
import { Neighbours, SILENT_ROUNDS_MAX } from './neighbours.ts'

const endRounds = (neighbours: Neighbours, rounds: number) =>
  Array.from({ length: rounds }, () => neighbours.endRound()).flat()

test('whoever is silent for some rounds is gone, once, and who is heard now and then is not', () => {
  const neighbours = new Neighbours()
  neighbours.hear('silent')
  for (let round = 0; round < SILENT_ROUNDS_MAX; round++) {
    neighbours.hear('lively')
    expect(neighbours.endRound()).toEqual([])
  }
  neighbours.hear('lively')
  expect(neighbours.endRound()).toEqual(['silent'])
  expect(endRounds(neighbours, SILENT_ROUNDS_MAX - 1)).toEqual([])
})

test('who comes back after it was taken for gone is told from who was there all the time', () => {
  const neighbours = new Neighbours()
  expect(neighbours.hear('node')).toBe(false)
  expect(endRounds(neighbours, SILENT_ROUNDS_MAX + 1)).toEqual(['node'])
  expect(neighbours.hear('node')).toBe(true)
  expect(neighbours.hear('node')).toBe(false)
})

test('whoever said goodbye is not missed', () => {
  const neighbours = new Neighbours()
  neighbours.hear('node')
  neighbours.forget('node')
  expect(endRounds(neighbours, SILENT_ROUNDS_MAX + 1)).toEqual([])
  expect(neighbours.hear('node')).toBe(false)
})
