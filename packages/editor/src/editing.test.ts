import { SearchQuery } from '@codemirror/search'
import { EditorSelection, EditorState, type StateCommand } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { isAllowedKey, textKeys } from './keys.ts'
import { languageName } from './languages.ts'
import { caretPlace, normalizeLineEnds } from './live-editor.ts'
import { countMatches, describeMatches } from './search-panel.ts'
import { insertLink, toggleBold, toggleHeading } from './text-commands.ts'

/** Runs a command on `text`, where `|` marks the caret or both ends of the selection. */
function run(command: StateCommand, text: string): string {
  const [anchor = 0, second] = [...text.matchAll(/\|/g)].map(({ index }, nth) => index - nth)
  const doc = text.replaceAll('|', '')
  let state = EditorState.create({ doc, selection: EditorSelection.single(anchor, second ?? anchor) })
  command({
    state,
    dispatch: (transaction) => {
      state = transaction.state
    },
  })
  const { from, to } = state.selection.main
  const after = state.doc.toString()
  return from === to
    ? `${after.slice(0, from)}|${after.slice(from)}`
    : `${after.slice(0, from)}|${after.slice(from, to)}|${after.slice(to)}`
}

describe('formatting for fingers', () => {
  test('bold comes and goes around the selection', () => {
    expect(run(toggleBold, 'at |06:40| sharp')).toBe('at **|06:40|** sharp')
    expect(run(toggleBold, 'at **|06:40|** sharp')).toBe('at |06:40| sharp')
  })

  test('a heading goes three levels deep and back', () => {
    expect(run(toggleHeading, 'Geese|')).toBe('# Geese|')
    expect(run(toggleHeading, '### Geese|')).toBe('Geese|')
  })

  test('a link takes the selection as its words', () => {
    expect(run(insertLink, 'see |counts|')).toBe('see [counts](|)')
    expect(run(insertLink, 'see |')).toBe('see [|]()')
  })

  test('nothing happens in a text that is for reading only', () => {
    const state = EditorState.create({ doc: 'x', extensions: EditorState.readOnly.of(true) })
    expect(toggleBold({ state, dispatch: () => expect.unreachable() })).toBe(false)
  })
})

describe('search in the file', () => {
  const state = EditorState.create({ doc: 'es\nestuary\ntides', selection: { anchor: 3, head: 5 } })
  const say = (search: string, regexp = false): string => {
    const query = new SearchQuery({ search, regexp })
    return describeMatches(query, countMatches(state, query))
  }

  test('says which match is selected, and how many there are', () => {
    expect(say('es')).toBe('2 of 3')
    expect(say('tides')).toBe('1 match')
    expect(say('avocet')).toBe('No match')
    expect(say('')).toBe('')
    expect(say('[', true)).toBe('Not a valid expression')
  })
})

describe('the text itself', () => {
  test('columns count characters, not code units', () => {
    const state = EditorState.create({ doc: 'one\n😀é|', selection: { anchor: 6, head: 7 } })
    expect(caretPlace(state)).toEqual({ line: 2, column: 3, selected: 1 })
  })

  test('pasted line ends are normalised', () => {
    expect(normalizeLineEnds('a\r\nb\rc\nd')).toBe('a\nb\nc\nd')
  })

  test('languages go by the name of the file', () => {
    expect(['notes/estuary.md', 'map.ts', '.gitignore', 'LICENSE'].map(languageName)).toEqual([
      'Markdown',
      'TypeScript',
      'Properties files',
      'Plain text',
    ])
  })
})

describe('keys', () => {
  test('none that browsers or keyboards own', () => {
    const all = textKeys
      .flatMap(({ key, mac, win, linux }) => [key, mac, win, linux])
      .filter((key) => key !== undefined)
    expect(all.filter((key) => !isAllowedKey(key))).toEqual([])
    expect(['Mod-w', 'Mod-Alt-g', 'Alt-l', 'Shift-Alt-a'].some(isAllowedKey)).toBe(false)
    expect(['Mod-z', 'Alt-ArrowUp', 'Mod-f', 'Tab'].every(isAllowedKey)).toBe(true)
    expect(all).toContain('Mod-f')
    expect(all).toContain('Mod-z')
  })
})
