import type { File, FileId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import {
  buildTree,
  fileItemId,
  filesInFolder,
  foldersAbove,
  movedPath,
  outermost,
  ROOT_ID,
  type TreeItem,
  type TreeModel,
} from './tree-model.ts'

const file = (path: string): File => ({
  id: path as FileId,
  path,
  kind: 'text',
  mode: '100644',
  bytes: 0,
  documentId: null,
  eol: 'lf',
  bom: false,
})

/** The tree as indented lines. */
function draw(model: TreeModel, id: string = ROOT_ID, depth = 0): string[] {
  return (model.children.get(id) ?? []).flatMap((child) => {
    const item = model.items.get(child)
    return [`${'  '.repeat(depth)}${item?.name}${item?.kind === 'folder' ? '/' : ''}`, ...draw(model, child, depth + 1)]
  })
}

const item = (model: TreeModel, id: string): TreeItem => {
  const found = model.items.get(id)
  if (!found) throw new Error(`no ${id}`)
  return found
}

describe('the tree', () => {
  test('folders first, then files, as people count and spell', () => {
    const model = buildTree(
      ['README.md', 'data/tide10.csv', 'data/tide9.csv', 'a/b/c.md', 'Zoo.md', 'apple.md'].map(file),
    )
    expect(draw(model)).toEqual([
      'a/',
      '  b/',
      '    c.md',
      'data/',
      '  tide9.csv',
      '  tide10.csv',
      'apple.md',
      'README.md',
      'Zoo.md',
    ])
  })

  test('an empty folder is shown until it is filled, and not twice then', () => {
    expect(draw(buildTree([], ['notes/2026']))).toEqual(['notes/', '  2026/'])
    expect(draw(buildTree([file('notes/2026/x.md')], ['notes/2026']))).toEqual(['notes/', '  2026/', '    x.md'])
  })

  test('ten thousand files are one pass', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => file(`d${index % 100}/e${index % 7}/f${index}.md`))
    const model = buildTree(many)
    expect(model.items.size).toBe(1 + 100 + 700 + 10_000)
  })

  test('names that are properties of objects are ordinary names', () => {
    expect(draw(buildTree([file('constructor/__proto__')]))).toEqual(['constructor/', '  __proto__'])
  })
})

describe('paths', () => {
  test('folders above, the outermost first', () => {
    expect(foldersAbove('a/b/c.md')).toEqual(['a', 'a/b'])
    expect(foldersAbove('c.md')).toEqual([])
  })

  test('files in a folder are not those of its namesakes', () => {
    const files = ['a/x', 'ab/y', 'a/b/z'].map(file)
    expect(filesInFolder(files, 'a').map(({ path }) => path)).toEqual(['a/x', 'a/b/z'])
  })

  test('a move goes into a folder, not to where it is, and not into itself', () => {
    const model = buildTree(['a/x', 'b/y'].map(file))
    expect(movedPath(item(model, fileItemId('a/x')), 'b')).toBe('b/x')
    expect(movedPath(item(model, fileItemId('a/x')), 'a')).toBeNull()
    expect(movedPath(item(model, fileItemId('a/x')), '')).toBe('x')
    expect(movedPath(item(model, 'd:a'), 'a')).toBeNull()
    expect(movedPath(item(model, 'd:a'), 'b')).toBe('b/a')
  })

  test('a folder takes along what lies in it', () => {
    const model = buildTree(['a/x', 'ab/y'].map(file))
    const all = [item(model, 'd:a'), item(model, fileItemId('a/x')), item(model, fileItemId('ab/y'))]
    expect(outermost(all).map(({ path }) => path)).toEqual(['a', 'ab/y'])
  })
})
