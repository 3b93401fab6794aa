'use client'
// The regions of an open project around its current file. What each needs is worked out by a hook of its own; here they are
// put side by side.

import type { File } from '@skein/protocol'
import { useMemo, useRef, useState } from 'react'
import { usePageTitle } from '../../lib/page-title.ts'
import { isAtLeast } from '../../lib/roles.ts'
import { Sheet } from '../editor/sheet.tsx'
import type { SavedState } from '../facts/saved-machine.ts'
import type { FileFault } from '../files/file-actions.ts'
import type { FilesHandle } from '../files/files-side.tsx'
import { pathToName } from '../files/tree-model.ts'
import { useFileActions } from '../files/use-file-actions.ts'
import { FirstSteps } from '../first-run/first-steps.tsx'
import { useFirstRun } from '../first-run/use-first-run.ts'
import { useFirstRunProgress } from '../first-run/use-first-run-progress.ts'
import { useProjectKeys } from '../palette/use-project-keys.ts'
import { usePeopleHere } from '../presence/use-people-here.ts'
import type { ReviewHandle } from '../review/review-handle.ts'
import { ReviewPage } from '../review/review-page.tsx'
import { listSyncCommands } from '../sync/sync-commands.ts'
import { SyncPage } from '../sync/sync-page.tsx'
import { useSyncActions } from '../sync/use-sync-actions.ts'
import { BenchOverlays } from './bench-overlays.tsx'
import { BenchSide } from './bench-side.tsx'
import type { Overlay } from './overlay.ts'
import type { ProjectSession } from './project-session.ts'
import { type ProjectView, useFileOfView, useProjectView } from './project-view.ts'
import { rightsOf } from './rights.ts'
import { TopBar } from './top-bar.tsx'
import { useAnnouncements } from './use-announcements.ts'
import { useCommands } from './use-commands.ts'
import { useCurrentFile } from './use-current-file.ts'
import { useDrawer } from './use-drawer.ts'
import { useIsNarrow, useIsPanelOver } from './use-media.ts'
import type { useProjectData } from './use-project-data.ts'
import type { WorkbenchProps } from './workbench.tsx'

type BenchProps = WorkbenchProps & {
  data: ReturnType<typeof useProjectData>
  files: readonly File[]
  session: ProjectSession
  saved: SavedState
}

/** Everything that the regions show and do. */
function useBench({ project, reference, me, isAccessLost, data, files, session, saved }: BenchProps) {
  const isNarrow = useIsNarrow()
  const isPanelOver = useIsPanelOver()
  const tree = useDrawer('files')
  const steps = useDrawer('steps')
  const side = useRef<FilesHandle>(null)
  const review = useRef<ReviewHandle>(null)
  const view = useProjectView()
  const [overlay, setOverlay] = useState<Overlay>(null)
  const [fault, setFault] = useState<FileFault | null>(null)

  const rights = rightsOf(project, saved, isAccessLost)
  const fileOfView = useFileOfView(project.id, view)
  const current = useCurrentFile({ project, reference, me, files, deleted: data.deleted, session, fileOfView })
  const people = usePeopleHere({ present: data.people, isAway: rights.isAway, me, current })
  const own = useMemo(() => ({ id: me.id, name: me.name }), [me.id, me.name])
  const actions = useFileActions({ projectId: project.id, me: own, onFault: setFault, markDeleted: data.markDeleted })
  const { file, document } = current
  const sync = useSyncActions(project.id)
  const github = data.status.data?.github
  const syncCommands = listSyncCommands({
    reference,
    view,
    github,
    actions: sync,
    canSync: rights.canChangeTree,
    canChange: rights.canChangeTree && isAtLeast(project.role, 'admin'),
    review: () => review.current,
  })
  const projectCommands = useCommands({
    project,
    reference,
    editor: current.editor,
    document,
    file,
    isDeleted: file !== null && data.deleted.has(file.id),
    canChange: rights.canChangeTree,
    canCommit: rights.isEditor,
    side,
    actions,
    showOverlay: setOverlay,
    closeTab: current.tabs.close,
    openDrawer: tree.open,
    isNarrow,
  })
  const commands = [...projectCommands, ...syncCommands]
  useProjectKeys(commands)
  useAnnouncements({
    saved,
    github,
    current: file,
    people: file ? people.peopleByFile.get(file.id) : undefined,
    ownId: me.id,
  })
  const title = titleOf(view) ?? (file ? pathToName(file.path) : undefined)
  usePageTitle(title, project.name)

  const firstRun = useFirstRun(project.id)
  const isDemo = project.source === 'template'
  const areOthersHere = people.others.length > 0
  useFirstRunProgress(firstRun, { isDemo, saved, document, areOthersHere, status: data.status.data })
  const showsSteps = isDemo && !firstRun.isSkipped && view.kind === 'files'
  const layout = { isNarrow, isPanelOver, tree, steps, showsSteps }
  const shown = { view, title, github, sync, review }
  return {
    layout,
    shown,
    side,
    overlay,
    setOverlay,
    fault,
    setFault,
    rights,
    current,
    people,
    actions,
    commands,
    firstRun,
  }
}

/** What a view other than the files is called. */
function titleOf(view: ProjectView): string | undefined {
  return view.kind === 'files' ? undefined : view.kind === 'sync' ? 'Sync' : 'Review'
}

export function Bench(props: BenchProps) {
  const { project, reference, me, data, files, session, saved } = props
  const bench = useBench(props)
  const { layout, shown, overlay, setOverlay, rights, current, people, actions, commands, firstRun } = bench
  const { tree, steps, showsSteps, isNarrow, isPanelOver } = layout
  const [asked, setAsked] = useState(0)
  const openPalette = (): void => setOverlay({ kind: 'palette', start: '' })
  return (
    <div className="app">
      <a className="btn skip-link" href="#sheet">
        Skip to the text
      </a>
      <TopBar
        project={project}
        reference={reference}
        me={me}
        title={shown.title ?? project.name}
        saved={saved}
        status={data.status.data}
        isReadOnly={!rights.isEditor}
        people={people}
        areFactsOpen={overlay?.kind === 'facts'}
        onFactsOpen={(isOpen) => setOverlay(isOpen ? { kind: 'facts' } : null)}
        onCopyText={() => setAsked(asked + 1)}
        onPalette={openPalette}
        onTree={tree.open}
        onSteps={showsSteps && isPanelOver ? steps.open : null}
      />
      <BenchSide
        {...{ project, reference, files, current, people, rights, isNarrow, actions, fault: bench.fault }}
        view={shown.view}
        github={shown.github}
        isOpen={tree.isOpen}
        onFault={bench.setFault}
        handle={bench.side}
      />
      {shown.view.kind === 'sync' && (
        <SyncPage {...{ project, reference, rights }} status={data.status.data} actions={shown.sync} />
      )}
      {shown.view.kind === 'review' && (
        <ReviewPage
          {...{ project, reference, me, current, people, rights }}
          item={shown.view.item}
          github={shown.github}
          handle={shown.review}
        />
      )}
      {shown.view.kind === 'files' && (
        <Sheet
          {...{ project, me, session, saved, current, people, rights, actions }}
          deleted={data.deleted}
          hasPanel={showsSteps && !isPanelOver}
          startsTyping={showsSteps && !isNarrow && !firstRun.done.has('type')}
          onPalette={openPalette}
        />
      )}
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
          onClick={tree.isOpen ? tree.close : steps.close}
        />
      )}
      <BenchOverlays {...{ overlay, files, current, people, commands, session, saved, asked }} onOverlay={setOverlay} />
    </div>
  )
}
