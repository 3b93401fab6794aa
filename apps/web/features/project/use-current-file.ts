'use client'
// The file on the sheet: which one the tabs and the address say, its live document, and the editor that shows it.

import type { FoundPlace, LiveEditor, Viewpoint } from '@skein/editor'
import type { File, Me, Project } from '@skein/protocol'
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type OpenFiles, useTabs } from '../editor/use-tabs.ts'
import type { DeletedFile } from '../files/file-list.ts'
import type { LiveDocument } from './live-document.ts'
import type { ProjectSession } from './project-session.ts'
import { filesToOpen } from './use-session.ts'

export type CurrentFile = {
  tabs: OpenFiles
  /** A file by id, also one that was deleted while the page was open. */
  fileOf: (id: string) => File | undefined
  file: File | null
  document: LiveDocument | undefined
  editor: LiveEditor | null
  setEditor: (editor: LiveEditor | null) => void
  open: (file: Pick<File, 'id' | 'path'>, andFocus: boolean) => void
  /** Opens a file where somebody found something, selects it, and puts the focus there. */
  openAt: (file: Pick<File, 'id' | 'path'>, place: FoundPlace) => void
  /** Where somebody was in each document, by its id. */
  viewpoints: Map<string, Viewpoint>
  /** Whether the text takes the focus when it is shown next. */
  takesFocus: RefObject<boolean>
}

export function useCurrentFile(options: {
  project: Project
  reference: string
  me: Me
  files: readonly File[]
  deleted: ReadonlyMap<string, DeletedFile>
  session: ProjectSession
  /** The file of a view that is about one, null for a view without any; undefined where the tabs say which. */
  fileOfView?: string | null | undefined
}): CurrentFile {
  const { project, reference, me, files, deleted, session, fileOfView } = options
  const [editor, setEditor] = useState<LiveEditor | null>(null)
  const takesFocus = useRef(false)
  const viewpoints = useRef(new Map<string, Viewpoint>())
  const tabs = useTabs({ projectId: project.id, reference, userId: me.id, files })
  const { recent, open: openIds } = tabs.tabs
  const currentId = fileOfView === undefined ? tabs.tabs.current : fileOfView

  const filesById = useMemo(() => new Map(files.map((file) => [file.id as string, file])), [files])
  const fileOf = useCallback(
    (id: string): File | undefined => filesById.get(id) ?? deleted.get(id)?.file,
    [filesById, deleted],
  )
  const isMissing = fileOfView === undefined && tabs.missingPath !== null
  const file = !isMissing && currentId !== null ? (fileOf(currentId) ?? null) : null
  const documentId = file?.documentId ?? null
  const toOpen = useMemo(() => filesToOpen(currentId, recent, openIds, fileOf), [currentId, recent, openIds, fileOf])
  useEffect(() => void session.openExactly(toOpen, documentId), [session, toOpen, documentId])

  const { open: openTab } = tabs
  const open = useCallback(
    (next: Pick<File, 'id' | 'path'>, andFocus: boolean): void => {
      takesFocus.current = andFocus
      openTab(next)
      if (andFocus && next.id === currentId) editor?.view.focus()
    },
    [openTab, currentId, editor],
  )

  const wanted = useRef<{ fileId: string; place: FoundPlace } | null>(null)
  const openAt = useCallback(
    (next: Pick<File, 'id' | 'path'>, place: FoundPlace): void => {
      // Another view shows the file in an editor that ends with it.
      if (fileOfView === undefined && next.id === currentId && editor) editor.selectFound(place)
      else wanted.current = { fileId: next.id, place }
      open(next, true)
    },
    [open, fileOfView, currentId, editor],
  )
  useEffect(() => {
    // For a moment the editor is still that of the file before, which shows nothing any more.
    if (!editor?.view.dom.isConnected || wanted.current?.fileId !== currentId) return
    editor.selectFound(wanted.current.place)
    wanted.current = null
  }, [editor, currentId])

  // An address may name a line: `?line=12`.
  useEffect(() => {
    const line = Number(new URLSearchParams(window.location.search).get('line'))
    if (editor && Number.isInteger(line) && line > 0) editor.revealLine(line)
  }, [editor])

  const document = documentId === null ? undefined : session.documentOf(documentId)
  return {
    tabs,
    fileOf,
    file,
    document,
    editor,
    setEditor,
    open,
    openAt,
    viewpoints: viewpoints.current,
    takesFocus,
  }
}
