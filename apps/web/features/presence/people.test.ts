import type { FileId } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { describeArrivals, idleUsers, othersHere, peopleByFile } from './people.ts'

const ana = { id: 'a', name: 'Ana', colour: 1 }
const ben = { id: 'b', name: 'Ben', colour: 2 }
const file = (id: string): FileId => id as FileId
const people = [
  { person: ana, fileIds: [file('1'), file('2')] },
  { person: ben, fileIds: [file('2')] },
]

describe('presence', () => {
  test('somebody is idle when all their windows are', () => {
    const states = [{ user: ana, idle: true }, { user: ana, idle: false }, { user: ben, idle: true }, { cursor: null }]
    expect([...idleUsers(states)]).toEqual(['b'])
  })

  test('avatars are those of the others, with what they need', () => {
    expect(othersHere(people, new Set(['b']), 'a')).toEqual([
      { id: 'b', name: 'Ben', colour: 2, isIdle: true, fileIds: ['2'] },
    ])
  })

  test('oneself is only in the file that is shown, others where they have text open', () => {
    const byFile = peopleByFile(people, new Set(), { id: 'a', currentFileId: '2' })
    expect(byFile.get('1')).toBeUndefined()
    expect(byFile.get('2')?.map(({ name }) => name)).toEqual(['Ana (you)', 'Ben'])
  })

  test('arrivals and departures in words', () => {
    const here = (names: string[]) => names.map((name) => ({ id: name, name, colour: 1, isIdle: false, fileIds: [] }))
    expect(describeArrivals(here([]), here(['Ben']), 'estuary.md')).toBe('Ben joined estuary.md')
    expect(describeArrivals(here(['Ben', 'Mei']), here(['Mei']), 'estuary.md')).toBe('Ben left estuary.md')
    expect(describeArrivals(here(['Ben']), here(['Ben']), 'estuary.md')).toBeNull()
  })
})
