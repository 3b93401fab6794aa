'use client'
// The commands of the link to GitHub, for the palette and the keys.

import type { GithubStatus } from '@skein/protocol'
import { CircleCheck, ListChecks, Pause, Play, RefreshCw } from 'lucide-react'
import { reviewPath, syncPath } from '../../lib/paths.ts'
import type { Command } from '../palette/commands.ts'
import { goToView, type ProjectView } from '../project/project-view.ts'
import type { ReviewHandle } from '../review/review-handle.ts'
import { countOf } from './sync-words.ts'
import type { SyncActions } from './use-sync-actions.ts'

export type SyncCommandContext = {
  reference: string
  view: ProjectView
  github: GithubStatus | undefined
  actions: SyncActions
  /** Editors ask GitHub and decide. */
  canSync: boolean
  /** Admins pause. */
  canChange: boolean
  /** The review while it is shown. */
  review: () => ReviewHandle | null
}

export function listSyncCommands(context: SyncCommandContext): Command[] {
  const { reference, view, github, actions, canSync, canChange, review } = context
  const isLinked = github !== undefined && github.state !== 'not-linked'
  const isPaused = github?.state === 'paused'
  const open = github?.openConflicts ?? 0
  const isReviewing = view.kind === 'review'
  const onSyncPage = (act: () => void) => () => {
    if (view.kind !== 'sync') goToView(syncPath(reference))
    act()
  }
  return [
    {
      id: 'sync',
      label: 'Show sync with GitHub',
      also: 'push pull operations link',
      icon: RefreshCw,
      isEnabled: view.kind !== 'sync',
      run: () => goToView(syncPath(reference)),
    },
    {
      id: 'sync-check',
      label: 'Check GitHub now',
      also: 'sync push pull fetch',
      icon: RefreshCw,
      isEnabled: isLinked && canSync,
      run: onSyncPage(actions.check),
    },
    {
      id: 'sync-pause',
      label: isPaused ? 'Go on with sync' : 'Pause sync',
      also: 'github stop hold resume',
      icon: isPaused ? Play : Pause,
      isEnabled: isLinked && canChange,
      run: onSyncPage(() => actions.change({ paused: !isPaused })),
    },
    {
      id: 'review',
      label: open > 0 ? `Review ${countOf(open, 'line')}` : 'Review lines',
      also: 'conflicts merge overlaps github decide',
      icon: ListChecks,
      isEnabled: open > 0 && !isReviewing,
      run: () => goToView(reviewPath(reference)),
    },
    {
      id: 'next-review',
      label: 'Next line or file to review',
      icon: ListChecks,
      shortcut: 'next-review',
      isEnabled: open > 0 || isReviewing,
      run: () => (isReviewing ? review()?.go(1) : goToView(reviewPath(reference))),
    },
    {
      id: 'previous-review',
      label: 'Previous line or file to review',
      icon: ListChecks,
      shortcut: 'previous-review',
      isEnabled: isReviewing,
      run: () => review()?.go(-1),
    },
    {
      id: 'review-done',
      label: 'Done with this line or file',
      also: 'resolve conflict',
      icon: CircleCheck,
      shortcut: 'review-done',
      isEnabled: isReviewing && canSync,
      run: () => review()?.done(),
    },
  ]
}
