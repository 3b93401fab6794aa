/**
 * Shows where the others are, and tells them where one is.
 *
 * The plugin resolves every caret anew after each change (a handful of lookups), so that none drifts. A flag opens when
 * its caret moves other than by an edit elsewhere, and folds after 2 s. The own caret is published only while the editor
 * has the focus, and only when it names other characters than before: typing in the middle of a text costs no message.
 */
import { Annotation, type Range, RangeSet } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  type GutterMarker,
  gutter,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { ySyncAnnotation } from 'y-codemirror.next'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import {
  type CursorField,
  isSameCursor,
  type RemoteCaret,
  remoteCarets as resolveCarets,
  selectionToCursor,
} from './caret-position.ts'
import { CaretWidget, type FlagPlace, PresenceMark, whoStyle } from './caret-widget.ts'

const FLAG_SHOWN_MS = 2_000

interface AwarenessChange {
  added: number[]
  updated: number[]
  removed: number[]
}

const redrawCarets = Annotation.define<null>()

class RemoteCaretsPlugin {
  decorations: DecorationSet = Decoration.none
  marks: RangeSet<GutterMarker> = RangeSet.empty
  private carets: RemoteCaret[] = []
  private readonly flagsUntil = new Map<number, number>()
  private foldTimer: ReturnType<typeof setTimeout> | undefined
  private readonly view: EditorView
  private readonly text: Y.Text
  private readonly awareness: Awareness

  constructor(view: EditorView, text: Y.Text, awareness: Awareness) {
    this.view = view
    this.text = text
    this.awareness = awareness
    awareness.on('change', this.onAwareness)
    this.draw(resolveCarets(awareness.getStates(), awareness.clientID, text))
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.publishOwnCaret()
    const isRedraw = update.transactions.some((transaction) => transaction.annotation(redrawCarets) !== undefined)
    if (!update.docChanged && !isRedraw) return
    const carets = resolveCarets(this.awareness.getStates(), this.awareness.clientID, this.text)
    this.openFlagsOfMoved(carets, update)
    this.draw(carets)
  }

  destroy(): void {
    clearTimeout(this.foldTimer)
    this.awareness.off('change', this.onAwareness)
    if (this.awareness.getLocalState()?.cursor) this.awareness.setLocalStateField('cursor', null)
  }

  private readonly onAwareness = ({ added, updated, removed }: AwarenessChange): void => {
    const isForeign = (clientId: number): boolean => clientId !== this.awareness.clientID
    if ([...added, ...updated, ...removed].some(isForeign)) this.redraw()
  }

  private redraw(): void {
    this.view.dispatch({ annotations: redrawCarets.of(null) })
  }

  private publishOwnCaret(): void {
    const state = this.awareness.getLocalState()
    if (!state || !this.view.hasFocus) return
    const { anchor, head } = this.view.state.selection.main
    const length = this.text.length
    const cursor = selectionToCursor(this.text, Math.min(anchor, length), Math.min(head, length))
    const published = (state.cursor ?? null) as CursorField | null
    if (!isSameCursor(published, cursor)) this.awareness.setLocalStateField('cursor', cursor)
  }

  private openFlagsOfMoved(carets: readonly RemoteCaret[], update: ViewUpdate): void {
    const isRemote = update.transactions.some((transaction) => transaction.annotation(ySyncAnnotation))
    const until = performance.now() + FLAG_SHOWN_MS
    for (const caret of carets) {
      const before = this.carets.find(({ clientId }) => clientId === caret.clientId)
      const wasCarried =
        before !== undefined &&
        (update.changes.mapPos(before.head, -1) === caret.head ||
          (!isRemote && update.changes.mapPos(before.head, 1) === caret.head))
      if (!wasCarried && !caret.isIdle) this.flagsUntil.set(caret.clientId, until)
    }
  }

  private draw(carets: RemoteCaret[]): void {
    this.carets = carets
    const now = performance.now()
    const doc = this.view.state.doc
    const drawn: Range<Decoration>[] = []
    const marks: Range<GutterMarker>[] = []
    for (const caret of carets) {
      const head = Math.min(caret.head, doc.length)
      const anchor = Math.min(caret.anchor, doc.length)
      const line = doc.lineAt(head)
      const place: FlagPlace = head === line.to ? 'after' : line.number === 1 ? 'below' : 'above'
      const isFolded = (this.flagsUntil.get(caret.clientId) ?? 0) <= now
      const { name, colour } = caret.user
      const widget = new CaretWidget({ name, colour, place, isFolded, isIdle: caret.isIdle })
      drawn.push(Decoration.widget({ widget, side: head > anchor ? -1 : 1 }).range(head))
      if (head !== anchor) {
        const held = Decoration.mark({ class: 'cm-remoteSelection', attributes: { style: whoStyle(colour) } })
        drawn.push(held.range(Math.min(anchor, head), Math.max(anchor, head)))
      }
      marks.push(new PresenceMark(colour).range(line.from))
    }
    this.decorations = Decoration.set(drawn, true)
    this.marks = RangeSet.of(marks, true)
    this.scheduleFold(now)
  }

  private scheduleFold(now: number): void {
    clearTimeout(this.foldTimer)
    for (const [clientId, until] of this.flagsUntil) if (until <= now) this.flagsUntil.delete(clientId)
    const next = Math.min(...this.flagsUntil.values())
    if (Number.isFinite(next)) this.foldTimer = setTimeout(() => this.redraw(), next - now + 1)
  }
}

/** Remote carets, selections and presence marks of one text, and the publishing of one's own caret. */
export function remoteCarets(text: Y.Text, awareness: Awareness) {
  const plugin = ViewPlugin.define((view) => new RemoteCaretsPlugin(view, text, awareness), {
    decorations: (value) => value.decorations,
  })
  const presenceGutter = gutter({
    class: 'cm-presenceGutter',
    markers: (view) => view.plugin(plugin)?.marks ?? RangeSet.empty,
  })
  return [plugin, presenceGutter]
}
