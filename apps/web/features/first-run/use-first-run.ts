'use client'
// What has been done of the first run, kept per project on this device.

import { useCallback, useState } from 'react'
import type { StepId } from './first-run-model.ts'

export type FirstRun = {
  done: ReadonlySet<StepId>
  isSkipped: boolean
  markDone: (step: StepId) => void
  skip: () => void
}

const keyOf = (projectId: string): string => `skein-first-run:${projectId}`

function read(projectId: string): { done: StepId[]; isSkipped: boolean } {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(projectId)) ?? '{}') as { done?: unknown; isSkipped?: unknown }
    return { done: Array.isArray(kept.done) ? (kept.done as StepId[]) : [], isSkipped: kept.isSkipped === true }
  } catch {
    return { done: [], isSkipped: false }
  }
}

export function useFirstRun(projectId: string): FirstRun {
  const [kept, setKept] = useState(() => read(projectId))
  const keep = useCallback(
    (change: (before: typeof kept) => typeof kept) =>
      setKept((before) => {
        const after = change(before)
        if (after === before) return before
        try {
          localStorage.setItem(keyOf(projectId), JSON.stringify(after))
        } catch {
          // A browser that keeps nothing shows the steps again next time.
        }
        return after
      }),
    [projectId],
  )
  const markDone = useCallback(
    (step: StepId) =>
      keep((before) => (before.done.includes(step) ? before : { ...before, done: [...before.done, step] })),
    [keep],
  )
  const skip = useCallback(() => keep((before) => ({ ...before, isSkipped: true })), [keep])
  return { done: new Set(kept.done), isSkipped: kept.isSkipped, markDone, skip }
}
