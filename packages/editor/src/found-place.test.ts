import { Text } from '@codemirror/state'
import { expect, test } from 'vitest'
import { findAgain } from './found-place.ts'

const find = (text: string, at: number, found: string, length = found.length) => {
  const { from, to } = findAgain(Text.of(text.split('\n')), { at, length, text: found })
  return `${from}-${to}`
}

test('what was found is where it was', () => expect(find('a goose', 2, 'goose')).toBe('2-7'))

test('it has moved: the nearest one like it', () => {
  expect(find('new line\na goose', 2, 'goose')).toBe('11-16')
  expect(find('goose and goose', 8, 'goose')).toBe('10-15')
  expect(find('goose and goose', 4, 'goose')).toBe('0-5')
})

test('it is gone: the place, as far as there is one', () => {
  expect(find('nothing here', 4, 'goose')).toBe('4-4')
  expect(find('', 40, 'goose')).toBe('0-0')
})

test('a match over several lines is selected whole', () => expect(find('one\ntwo', 0, 'one', 7)).toBe('0-7'))
