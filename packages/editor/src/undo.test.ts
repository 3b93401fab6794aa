import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { createUndo } from './undo.ts'

/** Two people on one text, joined by a wire that can be cut. */
function twoPeople() {
  const people = ['ana', 'ben'].map((name) => {
    const doc = new Y.Doc()
    const text = doc.getText('text')
    const origin = { name }
    const undo = createUndo(text)
    undo.addTrackedOrigin(origin)
    return {
      doc,
      text,
      undo,
      type: (index: number, words: string) => doc.transact(() => text.insert(index, words), origin),
    }
  })
  const [ana, ben] = people as [(typeof people)[0], (typeof people)[0]]
  const meet = (): void => {
    Y.applyUpdate(ben.doc, Y.encodeStateAsUpdate(ana.doc), 'provider')
    Y.applyUpdate(ana.doc, Y.encodeStateAsUpdate(ben.doc), 'provider')
  }
  return { ana, ben, meet }
}

describe('undo of one person', () => {
  test('leaves what somebody else typed inside', () => {
    const { ana, ben, meet } = twoPeople()
    ana.type(0, 'low tide at dawn')
    meet()
    ben.type(8, ' (06:40)')
    meet()
    ana.undo.undo()
    meet()
    expect(ana.text.toString()).toBe(' (06:40)')
    expect(ben.text.toString()).toBe(' (06:40)')
  })

  test('survives a reconnect: what the provider brings is no step, and earlier steps stay', () => {
    const { ana, ben, meet } = twoPeople()
    ana.type(0, 'geese')
    ben.type(0, 'curlew ')
    meet()
    meet()
    expect(ben.undo.undoStack).toHaveLength(1)
    ben.undo.undo()
    expect(ben.text.toString()).toBe('geese')
    ben.undo.redo()
    expect(ben.text.toString()).toContain('curlew ')
  })

  test('tracks nothing before a view adds its origin', () => {
    const doc = new Y.Doc()
    const undo = createUndo(doc.getText('text'))
    doc.getText('text').insert(0, 'loaded from this device')
    expect(undo.undoStack).toHaveLength(0)
  })
})
