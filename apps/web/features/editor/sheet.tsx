'use client'
// The sheet: tabs, what is to be said about the text, the text (or what the file is instead), and its foot.

import type { CaretPlace } from '@skein/editor'
import type { Me, Project } from '@skein/protocol'
import { useState } from 'react'
import type { SavedState } from '../facts/saved-machine.ts'
import type { FileActions } from '../files/file-actions.ts'
import type { DeletedFile } from '../files/file-list.ts'
import { WelcomeWidgets } from '../first-run/welcome-widgets.tsx'
import { canOpenWithoutServer } from '../offline/shell-registration.ts'
import { useShell } from '../offline/use-shell.ts'
import type { PeopleHere } from '../presence/use-people-here.ts'
import type { ProjectSession } from '../project/project-session.ts'
import type { Rights } from '../project/rights.ts'
import type { CurrentFile } from '../project/use-current-file.ts'
import { fileTabId, sheetBodyId, sheetId } from './editor-ids.ts'
import { SheetBody } from './sheet-body.tsx'
import { SheetFoot } from './sheet-foot.tsx'
import { SheetNoticeList } from './sheet-notice-list.tsx'
import { OfflineFoot, OutdatedNotice, TooLargeNotice } from './sheet-notices.tsx'
import { type Tab, TabStrip } from './tab-strip.tsx'

export type SheetProps = {
  project: Project
  me: Me
  session: ProjectSession
  saved: SavedState
  current: CurrentFile
  people: PeopleHere
  rights: Rights
  actions: FileActions
  deleted: ReadonlyMap<string, DeletedFile>
  /** A panel stands beside the sheet. */
  hasPanel: boolean
  /** The first run begins in the line to type on. */
  startsTyping: boolean
  onPalette: () => void
}

function listTabs({ current, people, deleted, me }: SheetProps): Tab[] {
  return current.tabs.tabs.open.flatMap((id) => {
    const file = current.fileOf(id)
    if (!file) return []
    const others = (people.peopleByFile.get(id) ?? []).filter((person) => person.id !== me.id)
    return [{ file, isDeleted: deleted.has(id), others }]
  })
}

const openSecondWindow = (): void => {
  window.open(window.location.href, '_blank', 'noopener,width=960,height=720')
}

export function Sheet(props: SheetProps) {
  const { project, current, people, rights, saved, session } = props
  const { file, document: live, editor, tabs } = current
  const [place, setPlace] = useState<CaretPlace | null>(null)
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  const isReadOnly = !rights.isEditor || live?.isReadOnly === true || live?.denial != null
  const isOutdated = useShell(saved.kind)
  const isWelcome = project.source === 'template' && file?.path === 'welcome.md'
  return (
    <main className={`main sheet${props.hasPanel ? '' : ' main-wide'}`} id={sheetId} data-region tabIndex={-1}>
      <TabStrip
        tabs={listTabs(props)}
        currentId={file?.id ?? null}
        onShow={(shown) => current.open(shown, true)}
        onClose={tabs.close}
        onMove={tabs.move}
      />
      <div
        className="sheet-body"
        id={sheetBodyId}
        role="tabpanel"
        {...(file ? { 'aria-labelledby': fileTabId(file.id) } : { 'aria-label': 'No open file' })}
      >
        <SheetNoticeList {...props} isReadOnly={isReadOnly} />
        {isOutdated && <OutdatedNotice />}
        {tooLarge !== null && <TooLargeNotice bytes={tooLarge} onClose={() => setTooLarge(null)} />}
        <SheetBody {...props} isReadOnly={isReadOnly} onPlace={setPlace} onTooLarge={setTooLarge} />
        {editor && live && isWelcome && (
          <WelcomeWidgets
            editor={editor}
            document={live}
            startsThere={props.startsTyping}
            onSecondWindow={openSecondWindow}
          />
        )}
        {saved.kind === 'offline' && session.connection.state !== 'signed-out' && (
          <OfflineFoot
            isKept={saved.device !== 'full' && saved.device !== 'unavailable'}
            canReopen={canOpenWithoutServer()}
          />
        )}
        {file?.kind === 'text' && live && (
          <SheetFoot
            file={file}
            document={live}
            editor={editor}
            place={place}
            isReadOnly={isReadOnly}
            followedName={people.leader?.name ?? null}
            onPalette={props.onPalette}
          />
        )}
      </div>
    </main>
  )
}
