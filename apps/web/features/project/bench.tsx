'use client'
// The regions of an open project around its current file.

import type { LiveEditor } from '@skein/editor'
import type { File } from '@skein/protocol'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { PresenceColour } from '../../components/avatar.tsx'
import { usePageTitle } from '../../lib/page-title.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { Sheet } from '../editor/sheet.tsx'
import { useTabs } from '../editor/use-tabs.ts'
import { NotSavedDialog } from '../facts/not-saved-dialog.tsx'
import type { SavedState } from '../facts/saved-machine.ts'
import { type FilesHandle, FilesSide } from '../files/files-side.tsx'
import { pathToName } from '../files/tree-model.ts'
import { type FileFault, useFileActions } from '../files/use-file-actions.ts'
import { FirstSteps } from '../first-run/first-steps.tsx'
import { useFirstRun } from '../first-run/use-first-run.ts'
import { HelpDialog } from '../palette/help-dialog.tsx'
import Palette from '../palette/palette.tsx'
import { useProjectKeys } from '../palette/use-project-keys.ts'
import { othersHere, peopleByFile as toPeopleByFile } from '../presence/people.ts'
import { useFollow } from '../presence/use-follow.ts'
import { useIdleness } from '../presence/use-idleness.ts'
import type { ProjectSession } from './project-session.ts'
import { SideNav } from './side-nav.tsx'
import { SideResizer } from './side-resizer.tsx'
import { TopBar } from './top-bar.tsx'
import { useAnnouncements } from './use-announcements.ts'
import { useCommands } from './use-commands.ts'
import { useDrawer } from './use-drawer.ts'
import { useIsNarrow, useIsPanelOver } from './use-media.ts'
import type { PresentPerson, useProjectData } from './use-project-data.ts'
import { filesToOpen } from './use-session.ts'
import type { WorkbenchProps } from './workbench.tsx'

type BenchProps = WorkbenchProps & {
  data: ReturnType<typeof useProjectData>
  files: readonly File[]
  session: ProjectSession
  saved: SavedState
}

const nobody: readonly PresentPerson[] = []

/** What lies over the page, at most one. */
export type Overlay = { kind: 'palette'; start: string } | { kind: 'help' } | { kind: 'facts' } | null

export function Bench({ project, reference, me, isAccessLost, data, files, session, saved }: BenchProps) {
  const isNarrow = useIsNarrow()
  const isPanelOver = useIsPanelOver()
  const tree = useDrawer('files')
  const steps = useDrawer('steps')
  const side = useRef<FilesHandle>(null)
  const [editor, setEditor] = useState<LiveEditor | null>(null)
  const [overlay, setOverlay] = useState<Overlay>(null)
  const [fault, setFault] = useState<FileFault | null>(null)
  const [followedId, setFollowedId] = useState<string | null>(null)
  const [isNotSavedSeen, setIsNotSavedSeen] = useState(false)
  const takesFocus = useRef(false)
  const firstRun = useFirstRun(project.id)

  const tabs = useTabs({ projectId: project.id, reference, userId: me.id, files })
  const currentId = tabs.tabs.current
  const filesById = useMemo(() => new Map(files.map((file) => [file.id as string, file])), [files])
  const fileOf = useCallback(
    (id: string): File | undefined => filesById.get(id) ?? data.deleted.get(id)?.file,
    [filesById, data.deleted],
  )
  const current = tabs.missingPath === null && currentId !== null ? (fileOf(currentId) ?? null) : null
  const document = current?.documentId ? session.documentOf(current.documentId) : undefined
  const toOpen = useMemo(
    () => filesToOpen(currentId, tabs.tabs.recent, tabs.tabs.open, fileOf),
    [currentId, tabs.tabs, fileOf],
  )
  const shownId = current?.documentId ?? null
  useEffect(() => void session.openExactly(toOpen, shownId), [session, toOpen, shownId])
  usePageTitle(current ? pathToName(current.path) : undefined, project.name)

  const isAway = saved.kind === 'offline' || saved.kind === 'reconnecting' || saved.kind === 'not-saved'
  const isEditor = isAtLeast(project.role, 'editor') && !isAccessLost
  const canChange = isEditor && !isAway
  const ownColour = data.people.find(({ person }) => person.id === me.id)?.person.colour
  const idle = useIdleness(document)
  // Without a connection nobody knows who is here.
  const people = isAway ? nobody : data.people
  const others = useMemo(() => othersHere(people, idle, me.id), [people, idle, me.id])
  const peopleByFile = useMemo(
    () => toPeopleByFile(people, idle, { id: me.id, currentFileId: current?.id ?? null }),
    [people, idle, me.id, current],
  )
  const own = useMemo(() => ({ id: me.id, name: me.name }), [me.id, me.name])
  const actions = useFileActions({ projectId: project.id, me: own, onFault: setFault, markDeleted: data.markDeleted })

  const { open: openTab } = tabs
  const openFile = useCallback(
    (file: Pick<File, 'id' | 'path'>, andFocus: boolean): void => {
      takesFocus.current = andFocus
      openTab(file)
      if (andFocus && file.id === currentId) editor?.view.focus()
    },
    [openTab, currentId, editor],
  )
  // Whoever is followed leads: when they change files, so does this window.
  const leader = followedId === null ? undefined : others.find(({ id }) => id === followedId)
  useEffect(() => {
    const place = leader?.fileIds.at(-1)
    const file = place === undefined ? undefined : fileOf(place)
    if (file && !leader?.fileIds.includes(currentId ?? '')) openFile(file, false)
  }, [leader, fileOf, currentId, openFile])
  const endFollow = useCallback(() => setFollowedId(null), [])
  useFollow({ followedId, editor, document, onEnd: endFollow })

  const commands = useCommands({
    project,
    reference,
    editor,
    document,
    file: current,
    isDeleted: current !== null && data.deleted.has(current.id),
    canChange,
    canCommit: isEditor,
    side,
    actions,
    showOverlay: setOverlay,
    closeTab: tabs.close,
    openDrawer: tree.open,
    isNarrow,
  })
  useProjectKeys(commands)
  useAnnouncements({ saved, current, people: current ? peopleByFile.get(current.id) : undefined, ownId: me.id })

  useEffect(() => {
    if (saved.kind !== 'not-saved') setIsNotSavedSeen(false)
  }, [saved.kind])

  // An address may name a line: `?line=12`.
  useEffect(() => {
    const line = Number(new URLSearchParams(window.location.search).get('line'))
    if (editor && Number.isInteger(line) && line > 0) editor.revealLine(line)
  }, [editor])

  const isDemo = project.source === 'template'
  const { markDone } = firstRun
  useEffect(() => {
    if (!isDemo) return
    if (saved.kind === 'saving') markDone('type')
    const windows = document ? [...document.awareness.getStates().values()].length : 0
    if (windows > 1 || others.length > 0) markDone('second')
    const status = data.status.data
    if (saved.kind === 'saved' && firstRun.done.has('type') && status?.head && status.changedFiles.count === 0) {
      markDone('commit')
    }
  })

  const showsSteps = isDemo && !firstRun.isSkipped
  return (
    <div className="app">
      <a className="btn skip-link" href="#sheet">
        Skip to the text
      </a>
      <TopBar
        project={project}
        reference={reference}
        me={me}
        colour={(ownColour ?? 1) as PresenceColour}
        title={current ? pathToName(current.path) : project.name}
        saved={saved}
        status={data.status.data}
        isReadOnly={!isEditor}
        others={others}
        followedId={followedId}
        onFollow={setFollowedId}
        areFactsOpen={overlay?.kind === 'facts'}
        onFactsOpen={(isOpen) => setOverlay(isOpen ? { kind: 'facts' } : null)}
        onCopyText={() => setIsNotSavedSeen(false)}
        onPalette={() => setOverlay({ kind: 'palette', start: '' })}
        onTree={tree.open}
        onSteps={showsSteps && isPanelOver ? steps.open : null}
      />
      <aside className="side" id="files" aria-label="Project" data-region data-open={tree.isOpen}>
        <SideResizer />
        <SideNav project={project} reference={reference} />
        <FilesSide
          projectId={project.id}
          files={files}
          currentFile={current}
          peopleByFile={peopleByFile}
          canChange={canChange}
          whyNot={isAway ? 'Files wait for the network' : isEditor ? null : 'You can read this project, not change it'}
          isNarrow={isNarrow}
          actions={actions}
          fault={fault}
          onFault={setFault}
          onOpen={openFile}
          handle={side}
        />
      </aside>
      <Sheet
        project={project}
        me={me}
        session={session}
        saved={saved}
        tabs={tabs}
        fileOf={fileOf}
        deleted={data.deleted}
        current={current}
        document={document}
        peopleByFile={peopleByFile}
        isEditor={isEditor}
        isAccessLost={isAccessLost}
        takesFocus={takesFocus}
        showsSteps={showsSteps && !isPanelOver}
        startsTyping={showsSteps && !isNarrow && !firstRun.done.has('type')}
        followedName={leader?.name ?? null}
        editor={editor}
        onEditor={setEditor}
        onOpen={(file) => openFile(file, true)}
        onRestore={(id) => void actions.restore(id)}
        onReplace={(file, content) => void actions.replace(file, content)}
        onPalette={() => setOverlay({ kind: 'palette', start: '' })}
      />
      {showsSteps && (
        <FirstSteps
          done={firstRun.done}
          isOver={isPanelOver}
          isOpen={steps.isOpen}
          onClose={steps.close}
          onSkip={firstRun.skip}
        />
      )}
      {(tree.isOpen || steps.isOpen) && (
        <button
          type="button"
          className="scrim drawer-scrim"
          aria-label="Close"
          onClick={() => (tree.isOpen ? tree.close() : steps.close())}
        />
      )}
      {overlay?.kind === 'palette' && (
        <Palette
          files={files}
          recent={tabs.tabs.recent}
          peopleByFile={peopleByFile}
          people={others}
          commands={commands}
          start={overlay.start}
          onOpen={(file) => openFile(file, true)}
          onFollow={setFollowedId}
          onClose={() => setOverlay(null)}
        />
      )}
      {overlay?.kind === 'help' && <HelpDialog onClose={() => setOverlay(null)} />}
      <NotSavedDialog
        saved={saved}
        text={() => session.unsentTexts()}
        isOpen={!isNotSavedSeen}
        onOpenChange={(isOpen) => setIsNotSavedSeen(!isOpen)}
        onKeepTrying={() => session.connection.retry()}
      />
    </div>
  )
}
