import { FILE_TEXT_BYTES_MAX } from '@skein/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToText, textToBytes } from './text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => bytesToText(bytes(text))

describe('reading a file', () => {
  test.each([
    ['', '', 'lf', false],
    ['a\nb\n', 'a\nb\n', 'lf', false],
    ['a\r\nb\r\n', 'a\nb\n', 'crlf', false],
    ['a\r\nb', 'a\nb', 'crlf', false],
    ['a\r\nb\n', 'a\r\nb\n', 'mixed', false],
    ['a\rb\r', 'a\rb\r', 'mixed', false],
    ['a\r\r\nb', 'a\r\r\nb', 'mixed', false],
    ['\uFEFFa\r\n', 'a\n', 'crlf', true],
    ['\uFEFF\uFEFFa', '\uFEFFa', 'lf', true],
  ])('%j', (content, text, eol, bom) => {
    expect(read(content)).toEqual({ kind: 'text', text, attributes: { eol, bom } })
  })

  test('what is not UTF-8, holds NUL, or is too large is binary', () => {
    expect(bytesToText(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))).toEqual({ kind: 'binary', reason: 'not-utf8' })
    expect(bytesToText(Uint8Array.of(0xff, 0xfe, 0x61))).toEqual({ kind: 'binary', reason: 'not-utf8' })
    expect(read('a\0b')).toEqual({ kind: 'binary', reason: 'nul' })
    expect(bytesToText(new Uint8Array(FILE_TEXT_BYTES_MAX).fill(97)).kind).toBe('text')
    expect(bytesToText(new Uint8Array(FILE_TEXT_BYTES_MAX + 1).fill(97))).toEqual({
      kind: 'binary',
      reason: 'too-large',
    })
  })
})

describe('writing it again', () => {
  test('every text file makes the round trip byte for byte', () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', 'a', 'é', '😀', '\uFEFF', '\t')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const content = bytes(pieces.join(''))
        const file = bytesToText(content)
        if (file.kind !== 'text') throw new Error(file.reason)
        expect(textToBytes(file.text, file.attributes)).toEqual(content)
      }),
    )
  })

  test('random bytes are binary or make the round trip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (content) => {
        const file = bytesToText(content)
        if (file.kind === 'text') expect(textToBytes(file.text, file.attributes)).toEqual(content)
      }),
    )
  })

  test('lines typed into a CRLF file get its line ends, pasted ones are not doubled', () => {
    const text = new TextDecoder().decode(textToBytes('a\nb\r\nc\n', { eol: 'crlf', bom: false }))
    expect(text).toBe('a\r\nb\r\nc\r\n')
  })
})
