import { EditorState } from '@codemirror/state'
import { FILE_TEXT_BYTES_MAX, UPDATE_BYTES_MAX } from '@skein/protocol'
import { describe, expect, test } from 'vitest'
import { sizeLimit } from './size-limit.ts'

describe('the size of an edit', () => {
  test('one that fits is taken; one that does not changes nothing and says its size', async () => {
    const told: number[] = []
    const state = EditorState.create({ doc: 'x', extensions: sizeLimit((bytes) => told.push(bytes)) })
    const small = 'é'.repeat(200_000)
    expect(state.update({ changes: { from: 0, insert: small } }).newDoc.length).toBe(200_001)
    const large = 'é'.repeat(UPDATE_BYTES_MAX / 2)
    expect(state.update({ changes: { from: 0, insert: large } }).docChanged).toBe(false)
    await Promise.resolve()
    expect(told).toEqual([UPDATE_BYTES_MAX])
  })

  test('a text does not grow beyond what the server keeps as text, but can always shrink', () => {
    const full = 'a'.repeat(FILE_TEXT_BYTES_MAX)
    const state = EditorState.create({ doc: full, extensions: sizeLimit(() => undefined) })
    expect(state.update({ changes: { from: 0, insert: 'b' } }).docChanged).toBe(false)
    expect(state.update({ changes: { from: 0, to: 10 } }).newDoc.length).toBe(FILE_TEXT_BYTES_MAX - 10)
  })
})
