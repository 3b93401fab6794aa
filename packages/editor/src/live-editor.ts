/**
 * One view of one live document: the text, its people, its keys. The view holds nothing that must last: text, undo stack and
 * awareness belong to the document and outlive it; a viewpoint (caret and scroll, as relative positions) is handed out
 * when the view closes and taken back by the next one.
 */
import { closeBrackets } from '@codemirror/autocomplete'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { openSearchPanel } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import { yCollab } from 'y-codemirror.next'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { blockWidgets } from './block-widgets.ts'
import { type CursorField, cursorEndToIndex, selectionToCursor } from './caret-position.ts'
import { type FoundPlace, findAgain } from './found-place.ts'
import { grammarKeepsUp } from './grammar-limit.ts'
import { textKeys } from './keys.ts'
import { isProse, languageOf } from './languages.ts'
import { remoteCarets } from './remote-carets.ts'
import { fileSearch } from './search-panel.ts'
import { sizeLimit } from './size-limit.ts'
import { sheetTheme } from './theme.ts'
import { wholeCharacters } from './whole-characters.ts'

/** Where somebody was in a text: the selection, and the character at the top of the window. */
export interface Viewpoint extends CursorField {
  top: unknown
}

/** The caret in numbers for people: both from 1, columns in characters, `selected` in characters. */
export interface CaretPlace {
  line: number
  column: number
  selected: number
}

export interface LiveEditorOptions {
  parent: HTMLElement
  text: Y.Text
  awareness: Awareness
  undo: Y.UndoManager
  path: string
  isReadOnly: boolean
  /** Id of the element that tells how Tab leaves the editor. */
  describedBy?: string
  viewpoint?: Viewpoint | null
  onCaret?: (place: CaretPlace) => void
  /** An edit was refused here because the server would not take so many bytes. */
  onTooLarge?: (bytes: number) => void
}

export interface LiveEditor {
  readonly view: EditorView
  /** Follows a rename: the label and, when the extension changed, the language. */
  setPath(path: string): void
  setReadOnly(isReadOnly: boolean): void
  viewpoint(): Viewpoint
  place(): CaretPlace
  /** Puts the caret at the start of a line (from 1) and brings it into view. */
  revealLine(line: number): void
  /** Selects what was found and brings it into view, also when it has moved a little since. */
  selectFound(place: FoundPlace): void
  destroy(): void
}

/** What is pasted or dropped has the line ends of the text, whatever it was copied from. */
export const normalizeLineEnds = (text: string): string => text.replace(/\r\n?/g, '\n')

/** The place of the caret of a state. */
export function caretPlace(state: EditorState): CaretPlace {
  const { head, from, to } = state.selection.main
  const line = state.doc.lineAt(head)
  const column = [...state.sliceDoc(line.from, head)].length + 1
  const selected = from === to ? 0 : [...state.sliceDoc(from, to)].length
  return { line: line.number, column, selected }
}

function contentAttributes(path: string, describedBy: string | undefined): Extension {
  return EditorView.contentAttributes.of({
    // Editable text can be focused anyway; tools that look for what the keyboard reaches know only this.
    tabindex: '0',
    'aria-label': path,
    'aria-multiline': 'true',
    spellcheck: String(isProse(path)),
    autocorrect: 'off',
    autocapitalize: isProse(path) ? 'sentences' : 'off',
    ...(describedBy ? { 'aria-describedby': describedBy } : {}),
  })
}

function readOnlyExtension(isReadOnly: boolean): Extension {
  return isReadOnly
    ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-readonly': 'true', inputmode: 'none' })]
    : []
}

function startSelection(text: Y.Text, viewpoint: Viewpoint | null | undefined) {
  const head = viewpoint ? cursorEndToIndex(text, viewpoint.head) : null
  const anchor = viewpoint ? cursorEndToIndex(text, viewpoint.anchor) : null
  return { anchor: anchor ?? head ?? 0, head: head ?? 0 }
}

function fixedExtensions({ text, awareness, undo, onCaret, onTooLarge }: LiveEditorOptions): Extension[] {
  return [
    EditorState.lineSeparator.of('\n'),
    EditorState.tabSize.of(4),
    EditorView.clipboardInputFilter.of(normalizeLineEnds),
    wholeCharacters,
    sizeLimit((bytes) => onTooLarge?.(bytes)),
    yCollab(text, null, { undoManager: undo }),
    remoteCarets(text, awareness),
    lineNumbers(),
    highlightSpecialChars(),
    drawSelection({ cursorBlinkRate: 0 }),
    dropCursor(),
    rectangularSelection(),
    highlightActiveLine(),
    bracketMatching(),
    indentOnInput(),
    EditorView.lineWrapping,
    blockWidgets,
    fileSearch,
    keymap.of(textKeys),
    sheetTheme,
    EditorView.updateListener.of((update) => {
      if (onCaret && (update.selectionSet || update.docChanged)) onCaret(caretPlace(update.state))
    }),
  ]
}

/** Opens a view of a live text in `parent`. The caller destroys it before the document. */
export function createLiveEditor(options: LiveEditorOptions): LiveEditor {
  const { text, viewpoint, describedBy } = options
  let { path } = options
  const attributes = new Compartment()
  const access = new Compartment()
  const language = new Compartment()
  const view = new EditorView({
    parent: options.parent,
    doc: text.toString(),
    selection: startSelection(text, viewpoint),
    extensions: [
      attributes.of(contentAttributes(path, describedBy)),
      access.of(readOnlyExtension(options.isReadOnly)),
      language.of([]),
      fixedExtensions(options),
    ],
  })
  const top = viewpoint ? cursorEndToIndex(text, viewpoint.top) : null
  if (top !== null) view.dispatch({ effects: EditorView.scrollIntoView(top, { y: 'start', yMargin: 0 }) })
  let isDestroyed = false

  const loadLanguage = (): void => {
    const known = languageOf(path)
    const description = known && grammarKeepsUp(view.state.doc, known.name) ? known : null
    const wanted = path
    const apply = (support: Extension): void => {
      if (isDestroyed || wanted !== path) return
      view.dispatch({ effects: language.reconfigure([support, isProse(path) ? [] : closeBrackets()]) })
    }
    if (!description) apply([])
    else description.load().then(apply, () => apply([])) // Without its grammar a file is shown plain; typing goes on.
  }
  loadLanguage()

  return {
    view,
    setPath(next) {
      if (next === path) return
      const before = languageOf(path)
      path = next
      view.dispatch({ effects: attributes.reconfigure(contentAttributes(path, describedBy)) })
      if (languageOf(path) !== before) loadLanguage()
    },
    setReadOnly(isReadOnly) {
      if (view.state.readOnly !== isReadOnly) {
        view.dispatch({ effects: access.reconfigure(readOnlyExtension(isReadOnly)) })
      }
    },
    viewpoint() {
      const { anchor, head } = view.state.selection.main
      const topBlock = view.lineBlockAtHeight(view.scrollDOM.getBoundingClientRect().top - view.documentTop)
      return {
        ...selectionToCursor(text, anchor, head),
        top: selectionToCursor(text, topBlock.from, topBlock.from).head,
      }
    },
    place: () => caretPlace(view.state),
    revealLine(number) {
      const line = view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)))
      view.dispatch({
        selection: { anchor: line.from },
        effects: EditorView.scrollIntoView(line.from, { y: 'center' }),
      })
    },
    selectFound(place) {
      const { from, to } = findAgain(view.state.doc, place)
      view.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      })
    },
    destroy() {
      isDestroyed = true
      view.destroy()
    },
  }
}

/** Brings a position into view without touching caret or focus. */
export function revealPosition(view: EditorView, position: number): void {
  const target = Math.min(position, view.state.doc.length)
  view.dispatch({ effects: EditorView.scrollIntoView(target, { y: 'nearest', yMargin: 80 }) })
}

/** Opens the search panel of a view, with the focus in it. */
export function openSearch(view: EditorView): void {
  openSearchPanel(view)
}
