/** The editor in the browser: CodeMirror views of live documents. */
export { type BlockWidget, showBlockWidgets } from './block-widgets.ts'
export { type CursorField, cursorEndToIndex, type RemoteCaret, remoteCarets } from './caret-position.ts'
export { whoStyle } from './caret-widget.ts'
export type { FoundPlace } from './found-place.ts'
export { languageName } from './languages.ts'
export {
  type CaretPlace,
  createLiveEditor,
  type LiveEditor,
  openSearch,
  revealPosition,
  type Viewpoint,
} from './live-editor.ts'
export { insertLink, toggleBold, toggleHeading } from './text-commands.ts'
export { createUndo } from './undo.ts'
