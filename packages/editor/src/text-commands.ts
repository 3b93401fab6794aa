/** Formatting for fingers: the heading, bold and link buttons of the touch bar, as Markdown. */
import type { ChangeSpec, StateCommand } from '@codemirror/state'
import { EditorSelection } from '@codemirror/state'

const HEADING = /^(#{1,6}) /

/** Makes the line of the caret a heading, one level deeper each time, and plain again after the third. */
export const toggleHeading: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const line = state.doc.lineAt(state.selection.main.head)
  const marks = HEADING.exec(line.text)?.[1] ?? ''
  const next = marks.length >= 3 ? '' : `${'#'.repeat(marks.length + 1)} `
  const change: ChangeSpec = { from: line.from, to: line.from + (marks ? marks.length + 1 : 0), insert: next }
  dispatch(state.update({ changes: change, userEvent: 'input.format', scrollIntoView: true }))
  return true
}

/** Puts `**` around each selection, or takes it away when it stands there. */
export const toggleBold: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const spec = state.changeByRange((range) => {
    const { from, to } = range
    const isBold = state.sliceDoc(from - 2, from) === '**' && state.sliceDoc(to, to + 2) === '**'
    return isBold
      ? {
          changes: [
            { from: from - 2, to: from },
            { from: to, to: to + 2 },
          ],
          range: EditorSelection.range(from - 2, to - 2),
        }
      : {
          changes: [
            { from, insert: '**' },
            { from: to, insert: '**' },
          ],
          range: EditorSelection.range(from + 2, to + 2),
        }
  })
  dispatch(state.update(spec, { userEvent: 'input.format', scrollIntoView: true }))
  return true
}

/** Turns the selection into a link and puts the caret where its address goes. */
export const insertLink: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const spec = state.changeByRange(({ from, to }) => ({
    changes: [
      { from, insert: '[' },
      { from: to, insert: ']()' },
    ],
    range: EditorSelection.cursor(from === to ? from + 1 : to + 3),
  }))
  dispatch(state.update(spec, { userEvent: 'input.format', scrollIntoView: true }))
  return true
}
