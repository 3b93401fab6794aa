'use client'
// What comes over the workbench: the palette, the shortcuts, and the one dialog that interrupts.

import type { File } from '@skein/protocol'
import { useEffect, useState } from 'react'
import { NotSavedDialog } from '../facts/not-saved-dialog.tsx'
import type { SavedState } from '../facts/saved-machine.ts'
import { FindDialog } from '../find/find-dialog.tsx'
import { useFind } from '../find/use-find.ts'
import type { Command } from '../palette/commands.ts'
import { HelpDialog } from '../palette/help-dialog.tsx'
import Palette from '../palette/palette.tsx'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { Overlay } from './overlay.ts'
import type { ProjectSession } from './project-session.ts'
import type { CurrentFile } from './use-current-file.ts'

export function BenchOverlays(props: {
  overlay: Overlay
  onOverlay: (overlay: Overlay) => void
  files: readonly File[]
  current: CurrentFile
  people: PeopleHere
  commands: readonly Command[]
  session: ProjectSession
  saved: SavedState
  /** Grows each time “Copy your text” is pressed in the bar, which brings the dialog back. */
  asked: number
}) {
  const { overlay, onOverlay, current, people, session, saved, asked } = props
  const find = useFind(session.projectId)
  const onClose = (): void => onOverlay(null)
  const openFind = (query: string): void => onOverlay({ kind: 'find', query })
  const [isPutOff, setIsPutOff] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new state, or being asked for, shows the dialog again
  useEffect(() => setIsPutOff(false), [saved.kind, asked])
  return (
    <>
      {overlay?.kind === 'palette' && (
        <Palette
          files={props.files}
          recent={current.tabs.tabs.recent}
          peopleByFile={people.peopleByFile}
          people={people.others}
          commands={props.commands}
          start={overlay.start}
          onOpen={(file) => current.open(file, true)}
          onFollow={people.follow}
          onFind={openFind}
          onClose={onClose}
        />
      )}
      {overlay?.kind === 'find' && (
        <FindDialog
          find={find}
          query={overlay.query}
          onOpen={({ fileId, path }, match) => current.openAt({ id: fileId, path }, match)}
          onClose={onClose}
        />
      )}
      {overlay?.kind === 'help' && <HelpDialog onClose={onClose} />}
      <NotSavedDialog
        saved={saved}
        text={() => session.unsentTexts()}
        isOpen={!isPutOff}
        onOpenChange={(isOpen) => setIsPutOff(!isOpen)}
        onKeepTrying={() => session.connection.retry()}
      />
    </>
  )
}
