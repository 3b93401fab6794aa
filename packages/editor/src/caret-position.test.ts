import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { cursorEndToIndex, isSameCursor, remoteCarets, selectionToCursor } from './caret-position.ts'

const ben = { id: 'u2', name: 'Ben', colour: 2 }

function textOf(words: string): Y.Text {
  const text = new Y.Doc().getText('text')
  text.insert(0, words)
  return text
}

describe('carets', () => {
  test('stay at their characters while others type before them', () => {
    const text = textOf('the north bank')
    const cursor = selectionToCursor(text, 4, 9)
    text.insert(0, 'along ')
    expect([cursorEndToIndex(text, cursor.anchor), cursorEndToIndex(text, cursor.head)]).toEqual([10, 15])
  })

  test('typing in the middle of a text needs no new message', () => {
    const text = textOf('the bank')
    const before = selectionToCursor(text, 4, 4)
    text.insert(4, 'north ')
    expect(isSameCursor(before, selectionToCursor(text, 10, 10))).toBe(true)
  })

  test('only states with the stamp of the server are shown, and not one’s own', () => {
    const text = textOf('estuary')
    const cursor = selectionToCursor(text, 1, 3)
    const states = new Map<number, Record<string, unknown>>([
      [9, { user: ben, cursor, idle: true }],
      [1, { user: ben, cursor }],
      [2, { user: { name: 'Mallory' }, cursor }],
      [3, { user: ben }],
      [4, { user: ben, cursor: { anchor: 'x', head: 7 } }],
    ])
    expect(remoteCarets(states, 1, text)).toEqual([{ clientId: 9, user: ben, anchor: 1, head: 3, isIdle: true }])
  })

  test('a caret of another text is none', () => {
    const text = textOf('estuary')
    const other = text.doc?.getText('other')
    other?.insert(0, 'elsewhere')
    expect(other && cursorEndToIndex(text, selectionToCursor(other, 2, 2).head)).toBeNull()
  })
})
