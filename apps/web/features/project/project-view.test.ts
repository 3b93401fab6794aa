import { expect, test } from 'vitest'
import { filePath, projectPath, reviewPath, syncPath } from '../../lib/paths.ts'
import { pathToView } from './project-view.ts'

test('an address names its view; what is no view shows the files', () => {
  expect(pathToView(`${projectPath('p1')}/f`)).toEqual({ kind: 'files' })
  expect(pathToView(filePath('p1', 'sync/review/a.md'))).toEqual({ kind: 'files' })
  expect(pathToView(syncPath('lab/notes'))).toEqual({ kind: 'sync' })
  expect(pathToView(reviewPath('p1'))).toEqual({ kind: 'review', item: null })
  expect(pathToView(reviewPath('p1', 'c 1'))).toEqual({ kind: 'review', item: 'c 1' })
  expect(pathToView('/p/p1/sync/review/%ZZ')).toEqual({ kind: 'review', item: null })
})
