import { expect, test } from 'vitest'
import { filePath, pathToReference, projectPath, projectSettingsPath, reviewPath, syncPath } from './paths.ts'

test('the addresses of the workbench name their project, by id or by slugs; other pages name none', () => {
  expect(pathToReference(projectPath('p1'))).toBe('p1')
  expect(pathToReference(filePath('lab/field-notes', 'a b/c.md'))).toBe('lab/field-notes')
  expect([syncPath('p1'), reviewPath('p1'), reviewPath('p1', 'c/1')]).toEqual([
    '/p/p1/sync',
    '/p/p1/sync/review',
    '/p/p1/sync/review/c%2F1',
  ])
  expect(pathToReference(reviewPath('p1', 'c1'))).toBe('p1')
  for (const path of ['/', '/me', '/w/lab', projectSettingsPath('p1'), '/p/', '/p/%ZZ/f']) {
    expect(pathToReference(path)).toBeNull()
  }
})
