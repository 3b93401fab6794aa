import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashSecret, hintOf, isTokenText, makeSecret, makeTokenText } from './token-text.ts'

test('a token has its prefix, 43 digits of 256 bits and 6 of a checksum', () => {
  expect(makeTokenText(() => new Uint8Array(32))).toMatch(/^skein_0{43}[0-9A-Za-z]{6}$/)
  expect(makeTokenText(() => new Uint8Array(32).fill(255))).toMatch(/^skein_[0-9A-Za-z]{49}$/)
  expect(makeSecret(randomBytes)).toMatch(/^[0-9A-Za-z]{43}$/)
})

test('one wrong character anywhere is seen without asking the database', () => {
  const token = makeTokenText(randomBytes)
  expect(isTokenText(token)).toBe(true)
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === 'x' ? 'y' : 'x'
    expect(isTokenText(token.slice(0, i) + other + token.slice(i + 1))).toBe(false)
  }
  expect(isTokenText(`${token}0`)).toBe(false)
  expect(isTokenText('')).toBe(false)
})

test('different bits make different texts', () => {
  const texts = new Set(Array.from({ length: 256 }, (_, i) => makeSecret(() => new Uint8Array(32).fill(i))))
  expect(texts.size).toBe(256)
})

test('what is kept is the SHA-256 hash and the last four characters', () => {
  expect(hashSecret('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hintOf('skein_abcdef')).toBe('cdef')
})
