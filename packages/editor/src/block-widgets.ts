/**
 * Elements between the lines (tips, invitations) and words on an empty line. Whoever shows them owns their content: each is
 * a DOM element handed in from outside, placed after the line of a position that moves with the text.
 */
import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'

/** One element after the line that holds `position`, or, with `isInline`, words at that very position. */
export interface BlockWidget {
  key: string
  position: number
  element: HTMLElement
  isInline?: boolean
}

class ElementWidget extends WidgetType {
  readonly widget: BlockWidget

  constructor(widget: BlockWidget) {
    super()
    this.widget = widget
  }

  override eq(other: ElementWidget): boolean {
    return other.widget.key === this.widget.key && other.widget.element === this.widget.element
  }

  override toDOM(): HTMLElement {
    return this.widget.element
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const setWidgets = StateEffect.define<readonly BlockWidget[]>()

const widgetField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    let next = decorations.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (!effect.is(setWidgets)) continue
      const { doc } = transaction.state
      next = Decoration.set(
        effect.value.map((widget) => {
          const position = Math.min(widget.position, doc.length)
          const decoration = Decoration.widget({
            widget: new ElementWidget(widget),
            block: !widget.isInline,
            side: 1,
          })
          return decoration.range(widget.isInline ? position : doc.lineAt(position).to)
        }),
        true,
      )
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** The extension that makes room for block widgets. */
export const blockWidgets: Extension = widgetField

/** Shows exactly these widgets in the view. */
export function showBlockWidgets(view: EditorView, widgets: readonly BlockWidget[]): void {
  view.dispatch({ effects: setWidgets.of(widgets) })
}
