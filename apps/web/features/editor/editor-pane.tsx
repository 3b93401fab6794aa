'use client'
// One text on the sheet. The view is made for the document that is shown and destroyed before another one takes its place;
// where somebody was in each text is remembered while the page is open.

import { type CaretPlace, createLiveEditor, type LiveEditor, type Viewpoint } from '@skein/editor'
import { useEffect, useRef } from 'react'
import type { LiveDocument } from '../project/live-document.ts'
import { editorHelpId } from './editor-ids.ts'

export type EditorPaneProps = {
  document: LiveDocument
  path: string
  isReadOnly: boolean
  /** Where somebody was in each document, by its id; kept by the page. */
  viewpoints: Map<string, Viewpoint>
  /** Puts the focus into the text when it is shown. */
  takesFocus: boolean
  onPlace: (place: CaretPlace) => void
  onTooLarge: (bytes: number) => void
  /** Hands out the editor while it is shown. */
  onEditor: (editor: LiveEditor | null) => void
}

export default function EditorPane(props: EditorPaneProps) {
  const { document, path, isReadOnly } = props
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<LiveEditor | null>(null)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    const { viewpoints, onEditor, takesFocus } = latest.current
    if (!host.current) return
    const live = createLiveEditor({
      parent: host.current,
      text: document.text,
      awareness: document.awareness,
      undo: document.undo,
      path: latest.current.path,
      isReadOnly: latest.current.isReadOnly,
      describedBy: editorHelpId,
      viewpoint: viewpoints.get(document.documentId) ?? null,
      onCaret: (place) => latest.current.onPlace(place),
      onTooLarge: (bytes) => latest.current.onTooLarge(bytes),
    })
    editor.current = live
    latest.current.onPlace(live.place())
    if (takesFocus) live.view.focus()
    onEditor(live)
    return () => {
      viewpoints.set(document.documentId, live.viewpoint())
      onEditor(null)
      editor.current = null
      live.destroy()
    }
  }, [document])

  useEffect(() => editor.current?.setPath(path), [path])
  useEffect(() => editor.current?.setReadOnly(isReadOnly), [isReadOnly])

  return (
    <>
      <div ref={host} className="editor-host" data-readonly={isReadOnly || undefined} />
      <p id={editorHelpId} className="sr-only">
        Tab indents. To leave the text with Tab, press Escape first.
      </p>
    </>
  )
}
