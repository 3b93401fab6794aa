import { describe, expect, test } from 'vitest'
import { describeEncoding, describeKind, formatBytes, isImage } from './file-kinds.ts'

describe('files in words', () => {
  test('sizes', () => {
    expect([0, 1, 812, 1_000, 1_449, 9_960, 999_499, 999_600, 4_194_304].map(formatBytes)).toEqual([
      '0 bytes',
      '1 byte',
      '812 bytes',
      '1.0 kB',
      '1.4 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '4.2 MB',
    ])
  })

  test('encoding and line ends', () => {
    expect(describeEncoding({ eol: 'crlf', bom: true })).toBe('UTF-8 with BOM, CRLF')
    expect(describeEncoding({ eol: 'mixed', bom: false })).toBe('UTF-8, mixed line ends')
    expect(describeEncoding({ eol: null, bom: false })).toBe('UTF-8, LF')
  })

  test('every kind that is not text says what it is', () => {
    for (const kind of ['binary', 'symlink', 'submodule', 'lfs', 'opaque'] as const) {
      expect(describeKind({ kind, bytes: 10 }).words).toMatch(/\.$/)
    }
  })

  test('pictures go by their ending', () => {
    expect(isImage('site/channel.WEBP')).toBe(true)
    expect(isImage('png')).toBe(false)
  })
})
