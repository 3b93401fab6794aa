'use client'
// Marks the steps of the first run as they happen: a word typed, another window in the file, a commit of what was typed.

import type { ProjectStatus } from '@skein/protocol'
import { useEffect } from 'react'
import type { SavedState } from '../facts/saved-machine.ts'
import type { LiveDocument } from '../project/live-document.ts'
import type { FirstRun } from './use-first-run.ts'

export function useFirstRunProgress(
  { done, markDone }: FirstRun,
  now: {
    isDemo: boolean
    saved: SavedState
    document: LiveDocument | undefined
    areOthersHere: boolean
    status: ProjectStatus | undefined
  },
): void {
  const { isDemo, saved, document, areOthersHere, status } = now
  const hasTyped = done.has('type')
  const isCommitted = saved.kind === 'saved' && status?.head != null && status.changedFiles.count === 0

  useEffect(() => {
    if (isDemo && saved.kind === 'saving') markDone('type')
    if (isDemo && areOthersHere) markDone('second')
    if (isDemo && hasTyped && isCommitted) markDone('commit')
  }, [isDemo, saved.kind, areOthersHere, hasTyped, isCommitted, markDone])

  useEffect(() => {
    if (!isDemo || !document) return
    const { awareness } = document
    const look = (): void => {
      if (awareness.getStates().size > 1) markDone('second')
    }
    look()
    awareness.on('change', look)
    return () => awareness.off('change', look)
  }, [isDemo, document, markDone])
}
