'use client'
// Which view of the open project the address names. All views share one workbench, so going from one to the next changes the
// address without a request, as opening a file does: documents, carets and unsent words stay as they are.

import { usePathname } from 'next/navigation'
import { useEffect, useMemo, useRef } from 'react'
import { useConflict } from '../../lib/api/conflicts.ts'
import { sheetId } from '../editor/editor-ids.ts'

/** Its files; the link to GitHub; or what has to be decided before anything is pushed (`item` null: the first of it). */
export type ProjectView = { kind: 'files' } | { kind: 'sync' } | { kind: 'review'; item: string | null }

/** The view that a path names; every other path of a project shows its files. */
export function pathToView(pathname: string): ProjectView {
  const [, p, , view, review, item] = pathname.split('/')
  if (p !== 'p' || view !== 'sync') return { kind: 'files' }
  if (review !== 'review') return { kind: 'sync' }
  try {
    return { kind: 'review', item: item ? decodeURIComponent(item) : null }
  } catch {
    return { kind: 'review', item: null }
  }
}

/** Shows another view; from inside a drawer, which has an address of its own, the view takes its place. */
export function goToView(path: string, how: 'push' | 'replace' = 'push'): void {
  const isDrawer = window.location.hash !== ''
  window.history[isDrawer || how === 'replace' ? 'replaceState' : 'pushState'](null, '', path)
}

/** The view of the address. Another view takes the focus, so that its keys work and screen readers begin with it. */
export function useProjectView(): ProjectView {
  const pathname = usePathname()
  const view = useMemo(() => pathToView(pathname), [pathname])
  const shown = useRef(view.kind)
  useEffect(() => {
    if (shown.current === view.kind) return
    shown.current = view.kind
    if (view.kind !== 'files') document.getElementById(sheetId)?.focus()
  }, [view.kind])
  return view
}

/** The file that a view is about: undefined where the tabs say it, null for none. */
export function useFileOfView(projectId: string, view: ProjectView): string | null | undefined {
  const conflict = useConflict(projectId, view.kind === 'review' ? view.item : null).data
  if (view.kind === 'files') return undefined
  return view.kind === 'review' ? (conflict?.fileId ?? null) : null
}
