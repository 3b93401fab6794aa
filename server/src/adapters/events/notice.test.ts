import type { EphemeralEvent, FileId, ProjectId, WorkspaceId } from '@skein/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRowsNotice, encodeToldNotices, NoticeReader } from './notice.ts'

const project = { projectId: 'p' as ProjectId, workspaceId: 'w' as WorkspaceId }
const presenceOf = (names: readonly string[]): EphemeralEvent => ({
  type: 'presence',
  people: names.map((name) => ({ person: { id: 'u', name }, fileIds: ['f' as FileId] })),
})

test('rows are announced in the same words each time', () => {
  expect(encodeRowsNotice(project)).toBe(encodeRowsNotice({ ...project }))
  expect(new NoticeReader().read(encodeRowsNotice(project))).toEqual({ is: 'rows', ...project })
})

test('EV5: an event of any length arrives whole, in payloads that PostgreSQL takes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 60 }), (names) => {
      const event = presenceOf(names)
      const notices = encodeToldNotices({ from: 'node', project, event }, 7)
      for (const notice of notices) expect(Buffer.byteLength(notice)).toBeLessThan(8_000)
      const reader = new NoticeReader()
      const heard = notices.map((notice) => reader.read(notice))
      expect(heard.slice(0, -1).every((said) => said === null)).toBe(true)
      expect(heard.at(-1)).toEqual({ is: 'told', from: 'node', project, event })
    }),
    { numRuns: 50 },
  )
})

test('messages that come between each other are kept apart', () => {
  const reader = new NoticeReader()
  const long = (letter: string) => presenceOf([letter.repeat(5_000)])
  const a = encodeToldNotices({ from: 'a', project, event: long('a') }, 1)
  const b = encodeToldNotices({ from: 'b', project, event: long('b') }, 1)
  const heard = a.flatMap((notice, n) => [reader.read(notice), reader.read(b[n] as string)])
  expect(heard.filter((said) => said !== null)).toMatchObject([{ from: 'a' }, { from: 'b' }])
})

test('parts that never become whole are forgotten', () => {
  const reader = new NoticeReader()
  const [first] = encodeToldNotices({ from: 'gone', project, event: presenceOf(['x'.repeat(5_000)]) }, 0)
  reader.read(first as string)
  for (let n = 0; n < 1_000; n++) {
    const [part] = encodeToldNotices({ from: `${n}`, project, event: presenceOf(['x'.repeat(5_000)]) }, 0)
    expect(reader.read(part as string)).toBeNull()
  }
  const rest = encodeToldNotices({ from: 'gone', project, event: presenceOf(['x'.repeat(5_000)]) }, 0).slice(1)
  expect(rest.map((part) => reader.read(part)).every((said) => said === null)).toBe(true)
})

test('what this version does not know is passed over', () => {
  const reader = new NoticeReader()
  expect(reader.read('{"is":"something new"}')).toBeNull()
  expect(reader.read('null')).toBeNull()
  expect(reader.read('no JSON')).toBeNull()
})
