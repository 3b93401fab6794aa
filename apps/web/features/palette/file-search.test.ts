import { describe, expect, test } from 'vitest'
import { markParts, RESULTS_MAX, searchFiles } from './file-search.ts'

const paths = [
  'notes/estuary.md',
  'data/tides.csv',
  'data/sightings.csv',
  'notes/night-count-2026.md',
  'site/estuary/index.html',
  'README.md',
]
const found = (query: string, recency?: Map<string, number>) =>
  searchFiles(paths, query, recency).map(({ path }) => path)

describe('quick open', () => {
  test('the name counts more than the folder', () => {
    expect(found('es')[0]).toBe('notes/estuary.md')
    expect(found('estuary')).toEqual(['notes/estuary.md', 'site/estuary/index.html'])
  })

  test('several words may come from anywhere in the path', () => {
    expect(found('data tid')).toEqual(['data/tides.csv'])
    expect(found('read')).toEqual(['README.md'])
  })

  test('what was looked at lately comes first among equals', () => {
    expect(found('csv', new Map([['data/sightings.csv', 0]]))[0]).toBe('data/sightings.csv')
  })

  test('nothing typed, nothing found', () => {
    expect(found('  ')).toEqual([])
    expect(found('avocet')).toEqual([])
  })

  test('never more than fifty, of ten thousand', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `folder-${index % 50}/file-${index}.md`)
    expect(searchFiles(many, 'f')).toHaveLength(RESULTS_MAX)
    expect(searchFiles(many, 'file-9999')[0]?.path).toBe('folder-49/file-9999.md')
  })

  test('characters with a meaning in expressions are looked for as they are', () => {
    expect(() => searchFiles(['a[1].md', '(b).md'], '[')).not.toThrow()
    expect(() => searchFiles(['a[1].md'], '(*)')).not.toThrow()
  })
})

describe('marks', () => {
  test('cut a name into matched and other pieces', () => {
    expect(markParts('tides.csv', 5, [8, 10])).toEqual([
      { text: 'tid', isMatch: false },
      { text: 'es', isMatch: true },
      { text: '.csv', isMatch: false },
    ])
    expect(markParts('data', 0, [8, 10])).toEqual([{ text: 'data', isMatch: false }])
    expect(markParts('', 0, [])).toEqual([])
  })
})
