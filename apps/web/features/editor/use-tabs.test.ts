import type { File, FileId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { addressToPath, firstFile } from './use-tabs.ts'

const file = (path: string, kind: File['kind'] = 'text'): File => ({
  id: path as FileId,
  path,
  kind,
  mode: '100644',
  bytes: 0,
  documentId: null,
  eol: 'lf',
  bom: false,
})

describe('files in the address', () => {
  test('a path is decoded segment by segment', () => {
    expect(addressToPath('/p/abc/f/notes/low%20tide.md')).toBe('notes/low tide.md')
    expect(addressToPath('/p/team%2Fproject/f/%E6%BC%A2.md')).toBe('漢.md')
    expect(addressToPath('/p/abc/f/100%25.md')).toBe('100%.md')
  })

  test('no file, a broken one, or another view', () => {
    expect(addressToPath('/p/abc')).toBeNull()
    expect(addressToPath('/p/abc/f')).toBeNull()
    expect(addressToPath('/p/abc/f/%E6%9')).toBeNull()
    expect(addressToPath('/p/abc/settings')).toBeNull()
  })

  test('the file to begin with', () => {
    expect(firstFile(['a.ts', 'README.md', 'welcome.md'].map((path) => file(path)))?.path).toBe('welcome.md')
    expect(firstFile(['a.ts', 'README.md'].map((path) => file(path)))?.path).toBe('README.md')
    expect(firstFile([file('.gitignore'), file('logo.png', 'binary'), file('x.md')])?.path).toBe('x.md')
    expect(firstFile([file('logo.png', 'binary')])?.path).toBe('logo.png')
    expect(firstFile([])).toBeNull()
  })
})
