import type { ProjectId, WorkspaceId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { encodeRowsNotice, readRowsNotice } from './notice.ts'

const project = { projectId: 'p' as ProjectId, workspaceId: 'w' as WorkspaceId }

test('rows are announced in the same words each time', () => {
  expect(encodeRowsNotice(project)).toBe(encodeRowsNotice({ ...project }))
  expect(readRowsNotice(encodeRowsNotice(project))).toBe(project.projectId)
})

test('what this version does not know is passed over', () => {
  for (const payload of ['{"is":"something new"}', 'null', 'no JSON']) expect(readRowsNotice(payload)).toBeNull()
})
