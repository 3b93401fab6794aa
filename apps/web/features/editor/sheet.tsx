'use client'
// The sheet: tabs, what is to be said about the text, the text (or what the file is instead), and its foot.

import {
  type CaretPlace,
  insertLink,
  type LiveEditor,
  languageName,
  toggleBold,
  toggleHeading,
  type Viewpoint,
} from '@skein/editor'
import type { File, Me, Project } from '@skein/protocol'
import { type RefObject, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import type { SavedState } from '../facts/saved-machine.ts'
import type { DeletedFile } from '../files/file-list.ts'
import type { PersonHere } from '../files/file-tree.tsx'
import { pathToName } from '../files/tree-model.ts'
import { WelcomeWidgets } from '../first-run/welcome-widgets.tsx'
import type { LiveDocument } from '../project/live-document.ts'
import type { ProjectSession } from '../project/project-session.ts'
import { fileTabId, sheetBodyId, sheetId } from './editor-ids.ts'
import EditorPane from './editor-pane.tsx'
import { FileBones } from './file-bones.tsx'
import { FileCard } from './file-card.tsx'
import {
  AccessLostNotice,
  DeletedNotice,
  MissingFile,
  OfflineFoot,
  ReadingOnlyNotice,
  SetAsideNotice,
  SignedOutNotice,
  TooLargeNotice,
} from './sheet-notices.tsx'
import { StatusBar } from './status-bar.tsx'
import { type Tab, TabStrip } from './tab-strip.tsx'
import { TouchBar } from './touch-bar.tsx'
import type { OpenFiles } from './use-tabs.ts'

type SheetProps = {
  project: Project
  me: Me
  session: ProjectSession
  saved: SavedState
  tabs: OpenFiles
  fileOf: (id: string) => File | undefined
  deleted: ReadonlyMap<string, DeletedFile>
  current: File | null
  document: LiveDocument | undefined
  peopleByFile: ReadonlyMap<string, readonly PersonHere[]>
  isEditor: boolean
  isAccessLost: boolean
  takesFocus: RefObject<boolean>
  showsSteps: boolean
  /** The first run begins in the line to type on. */
  startsTyping: boolean
  followedName: string | null
  editor: LiveEditor | null
  onEditor: (editor: LiveEditor | null) => void
  onOpen: (file: File) => void
  onRestore: (id: File['id']) => void
  onReplace: (file: File, content: globalThis.File) => void
  onPalette: () => void
}

export function Sheet(props: SheetProps) {
  const { tabs, fileOf, deleted, current, document: live, editor, showsSteps, saved } = props
  const [place, setPlace] = useState<CaretPlace | null>(null)
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  const viewpoints = useRef(new Map<string, Viewpoint>())
  const isReadOnly = !props.isEditor || live?.isReadOnly === true || live?.denial != null
  const isText = current?.kind === 'text' && live !== undefined
  const stripTabs: Tab[] = tabs.tabs.open.flatMap((id) => {
    const file = fileOf(id)
    if (!file) return []
    const others = (props.peopleByFile.get(id) ?? []).filter((person) => person.id !== props.me.id)
    return [{ file, isDeleted: deleted.has(id), others }]
  })
  const run = (command: typeof toggleBold) => () => {
    if (!editor) return
    command(editor.view)
    editor.view.focus()
  }

  return (
    <main className={`main sheet${showsSteps ? '' : ' main-wide'}`} id={sheetId} data-region tabIndex={-1}>
      <TabStrip
        tabs={stripTabs}
        currentId={current?.id ?? null}
        onShow={props.onOpen}
        onClose={tabs.close}
        onMove={tabs.move}
      />
      <div
        className="sheet-body"
        id={sheetBodyId}
        role="tabpanel"
        {...(current ? { 'aria-labelledby': fileTabId(current.id) } : { 'aria-label': 'No open file' })}
      >
        <SheetNotices {...props} isReadOnly={isReadOnly} />
        {tooLarge !== null && <TooLargeNotice bytes={tooLarge} onClose={() => setTooLarge(null)} />}
        <SheetBody
          {...props}
          isReadOnly={isReadOnly}
          viewpoints={viewpoints.current}
          onPlace={setPlace}
          onTooLarge={setTooLarge}
        />
        {editor && live && current && props.project.source === 'template' && current.path === 'welcome.md' && (
          <WelcomeWidgets
            editor={editor}
            document={live}
            startsThere={props.startsTyping}
            onSecondWindow={() => window.open(window.location.href, '_blank', 'noopener,width=960,height=720')}
          />
        )}
        {saved.kind === 'offline' && <OfflineFoot isKept={saved.device !== 'full' && saved.device !== 'unavailable'} />}
        {current && isText && (
          <>
            <StatusBar
              place={place}
              language={languageName(current.path)}
              file={current}
              isReadOnly={isReadOnly}
              followedName={props.followedName}
            />
            <TouchBar
              canEdit={!isReadOnly}
              commands={{
                undo: () => live.undo.undo(),
                redo: () => live.undo.redo(),
                heading: run(toggleHeading),
                bold: run(toggleBold),
                link: run(insertLink),
                goToFile: props.onPalette,
              }}
            />
          </>
        )}
      </div>
    </main>
  )
}

type BodyProps = SheetProps & {
  isReadOnly: boolean
  viewpoints: Map<string, Viewpoint>
  onPlace: (place: CaretPlace) => void
  onTooLarge: (bytes: number) => void
}

function SheetBody(props: BodyProps) {
  const { tabs, current, document: live, project } = props
  if (tabs.missingPath !== null) return <MissingFile path={tabs.missingPath} onShowFiles={props.onPalette} />
  if (!current) return <NothingOpen hasFiles={tabs.tabs.recent.length > 0} onPalette={props.onPalette} />
  if (current.kind !== 'text') {
    return (
      <FileCard
        key={current.id}
        projectId={project.id}
        file={current}
        canEdit={props.isEditor}
        onReplace={(content) => props.onReplace(current, content)}
      />
    )
  }
  if (!live?.isReady) return <FileBones key={current.id} name={pathToName(current.path)} />
  return (
    <EditorPane
      document={live}
      path={current.path}
      isReadOnly={props.isReadOnly}
      viewpoints={props.viewpoints}
      takesFocus={props.takesFocus.current}
      onPlace={props.onPlace}
      onTooLarge={props.onTooLarge}
      onEditor={props.onEditor}
    />
  )
}

/** At most the two conditions that matter most to the text on the sheet. */
function SheetNotices(props: SheetProps & { isReadOnly: boolean }) {
  const { current, deleted, document: live, session, project, me, isEditor, isAccessLost, isReadOnly } = props
  const gone = current ? deleted.get(current.id) : undefined
  const refused = isReadOnly ? (live?.unsent ?? 0) : 0
  const aside = session.aside.find(({ documentId }) => documentId === current?.documentId)
  // Only when a notice offers it: a text can be megabytes long, and this is drawn at every change of a fact.
  const text = (): string => live?.text.toString() ?? ''
  return (
    <>
      {session.connection.state === 'signed-out' && <SignedOutNotice />}
      {isAccessLost || live?.denial ? (
        current?.kind === 'text' && <AccessLostNotice what={project.name} refused={refused} text={text} />
      ) : !isEditor || live?.isReadOnly ? (
        <ReadingOnlyNotice project={project.name} refused={refused} text={text} />
      ) : null}
      {gone && current && (
        <DeletedNotice
          name={pathToName(current.path)}
          by={gone.by === null ? null : gone.by.id === me.id ? 'You' : gone.by.name}
          canRestore={isEditor}
          onRestore={() => props.onRestore(current.id)}
        />
      )}
      {aside && <SetAsideNotice aside={aside} onForget={() => void session.forgetAside(aside.id)} />}
    </>
  )
}

function NothingOpen({ hasFiles, onPalette }: { hasFiles: boolean; onPalette: () => void }) {
  return (
    <div className="empty sheet-fill">
      <h1>{hasFiles ? 'No file is open' : 'Nothing here yet'}</h1>
      <p>
        {hasFiles
          ? 'Choose one in the tree, or by typing a part of its name.'
          : 'Make a file with the plus beside “Files”, or drop some on the tree.'}
      </p>
      {hasFiles && (
        <div className="row">
          <Button kind="primary" onClick={onPalette}>
            Go to a file
          </Button>
        </div>
      )}
    </div>
  )
}
