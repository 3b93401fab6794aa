import type { File, FileId, FileList } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { applyTreeEvent, putFiles, rememberDeleted, type TreeEvent } from './file-list.ts'

const file = (id: string, path: string): File => ({
  id: id as FileId,
  path,
  kind: 'text',
  mode: '100644',
  bytes: 0,
  documentId: null,
  eol: 'lf',
  bom: false,
})
const list: FileList = { items: [file('1', 'a.md'), file('2', 'b.md')], treeVersion: 5 }
const by = { id: 'u2', name: 'Ben' }
const paths = ({ items }: FileList): string[] => items.map(({ path }) => path)

describe('the list of files', () => {
  test('a rename keeps the file and its order by path', () => {
    const event: TreeEvent = { type: 'files-changed', files: [file('1', 'c.md')], by, treeVersion: 6 }
    expect(paths(applyTreeEvent(list, event))).toEqual(['b.md', 'c.md'])
  })

  test('an event older than the list changes nothing', () => {
    const event: TreeEvent = { type: 'files-deleted', files: [{ id: '1' as FileId, path: 'a.md' }], by, treeVersion: 4 }
    expect(applyTreeEvent(list, event)).toBe(list)
  })

  test('deleted files are remembered with who did it, until they are restored', () => {
    const gone: TreeEvent = { type: 'files-deleted', files: [{ id: '1' as FileId, path: 'a.md' }], by, treeVersion: 6 }
    const deleted = rememberDeleted(new Map(), new Map(list.items.map((item) => [item.id, item])), gone)
    expect(deleted.get('1')).toMatchObject({ by: { name: 'Ben' }, file: { path: 'a.md' } })
    const back: TreeEvent = { type: 'files-changed', files: [file('1', 'a.md')], by, treeVersion: 7 }
    expect(rememberDeleted(deleted, new Map(), back).size).toBe(0)
    expect(paths(applyTreeEvent(applyTreeEvent(list, gone), back))).toEqual(['a.md', 'b.md'])
  })

  test('an answer to one’s own request is put in at once', () => {
    expect(paths(putFiles(list, [file('3', 'aa.md')]))).toEqual(['a.md', 'aa.md', 'b.md'])
  })
})
