import { expect, test } from 'vitest'
import { filePath, pathToReference, projectPath, projectSettingsPath } from './paths.ts'

test('the editor’s addresses name their project, by id or by slugs; other pages name none', () => {
  expect(pathToReference(projectPath('p1'))).toBe('p1')
  expect(pathToReference(filePath('lab/field-notes', 'a b/c.md'))).toBe('lab/field-notes')
  for (const path of ['/', '/me', '/w/lab', projectSettingsPath('p1'), '/p/', '/p/%ZZ/f']) {
    expect(pathToReference(path)).toBeNull()
  }
})
