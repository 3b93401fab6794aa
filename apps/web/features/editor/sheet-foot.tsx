'use client'
// The foot of a text: the status bar where there is room, the touch bar where there is a finger.

import { type CaretPlace, insertLink, type LiveEditor, languageName, toggleBold, toggleHeading } from '@skein/editor'
import type { File } from '@skein/protocol'
import type { LiveDocument } from '../project/live-document.ts'
import { StatusBar } from './status-bar.tsx'
import { TouchBar } from './touch-bar.tsx'

export function SheetFoot({
  file,
  document: live,
  editor,
  place,
  isReadOnly,
  followedName,
  onPalette,
}: {
  file: File
  document: LiveDocument
  editor: LiveEditor | null
  place: CaretPlace | null
  isReadOnly: boolean
  followedName: string | null
  onPalette: () => void
}) {
  const run = (command: typeof toggleBold) => () => {
    if (!editor) return
    command(editor.view)
    editor.view.focus()
  }
  return (
    <>
      <StatusBar
        place={place}
        language={languageName(file.path)}
        file={file}
        isReadOnly={isReadOnly}
        followedName={followedName}
      />
      <TouchBar
        canEdit={!isReadOnly}
        commands={{
          undo: () => live.undo.undo(),
          redo: () => live.undo.redo(),
          heading: run(toggleHeading),
          bold: run(toggleBold),
          link: run(insertLink),
          goToFile: onPalette,
        }}
      />
    </>
  )
}
