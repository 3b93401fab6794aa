'use client'
// The foot of the sheet: where the caret is, and what kind of text this is.

import type { CaretPlace } from '@skein/editor'
import type { File } from '@skein/protocol'
import { describeEncoding } from '../files/file-kinds.ts'

export function StatusBar({
  place,
  language,
  file,
  isReadOnly,
  followedName,
}: {
  place: CaretPlace | null
  language: string
  file: File
  isReadOnly: boolean
  /** Who is followed, until any key, click or scroll. */
  followedName: string | null
}) {
  return (
    <footer className="status only-wide">
      {followedName && (
        <span className="row">
          Following {followedName} <span className="kbd">Esc</span>
        </span>
      )}
      {isReadOnly && <span>Reading only</span>}
      <span className="grow" />
      {place && place.selected > 0 && <span className="num">{place.selected} selected</span>}
      {place && (
        <span className="num">
          Ln {place.line}, Col {place.column}
        </span>
      )}
      <span>{language}</span>
      <span>{describeEncoding(file)}</span>
    </footer>
  )
}
