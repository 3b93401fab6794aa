'use client'
// What the review knows and does: the open items, the one that is shown, its place in the text while people type, and the
// decisions. A decision is shown when the server has made it.

import type { Conflict } from '@skein/protocol'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useToast } from '../../components/toast.tsx'
import {
  useConflict,
  useOpenConflicts,
  useRenewConflict,
  useResolveConflict,
  useUseVersion,
} from '../../lib/api/conflicts.ts'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { reviewPath } from '../../lib/paths.ts'
import { sheetId } from '../editor/editor-ids.ts'
import type { LiveDocument } from '../project/live-document.ts'
import { goToView } from '../project/project-view.ts'
import { neighbourOf, ownDecisionToWords } from './conflict-words.ts'

/** After this pause in typing, in milliseconds, the server is asked what stands at the place now. */
const askAfterMs = 700

export type Choice = 'ours' | 'theirs' | 'both'

export type Review = {
  items: readonly Conflict[] | undefined
  /** The item that is shown; undefined while it is on the way. */
  conflict: Conflict | undefined
  error: ApiError | null
  retry: () => void
  /** The refusal of the last decision. */
  fault: ApiError | null
  pending: Choice | 'done' | null
  use: (choice: Choice) => void
  done: () => void
  go: (by: 1 | -1) => void
}

export function useReview(options: {
  projectId: string
  reference: string
  item: string | null
  document: LiveDocument | undefined
  canDecide: boolean
}): Review {
  const { projectId, reference, item, document: live, canDecide } = options
  const open = useOpenConflicts(projectId)
  const one = useConflict(projectId, item)
  const write = useUseVersion(projectId).mutateAsync
  const close = useResolveConflict(projectId).mutateAsync
  const { pending, fault, decide, forget } = useDecision()
  const toast = useToast()
  const items = open.data
  const listed = items?.find(({ id }) => id === item)
  const conflict = one.data ?? (listed && isWhole(listed) ? listed : undefined)
  const ids = useMemo(() => items?.map(({ id }) => id) ?? [], [items])

  // The address of the review alone means its first item.
  const first = items?.[0]?.id
  useEffect(() => {
    if (item === null && first !== undefined) goToView(reviewPath(reference, first), 'replace')
  }, [item, first, reference])
  useEffect(() => {
    forget()
    // The editor that had the focus may be gone with the item before.
    if (item !== null && window.document.activeElement === window.document.body)
      window.document.getElementById(sheetId)?.focus()
  }, [item, forget])
  useLivePlace(projectId, item, live)

  const isOpen = conflict?.state === 'open' && canDecide
  const isWriting = pending !== null
  const isClosing = pending === 'done'
  const use = useCallback(
    (choice: Choice) => {
      if (isOpen && item && !isWriting) void decide(choice, () => write({ id: item, choice }))
    },
    [isOpen, isWriting, item, decide, write],
  )
  const go = useCallback(
    (by: 1 | -1) => {
      const next = neighbourOf(ids, item, by)
      if (next) goToView(reviewPath(reference, next))
    },
    [ids, item, reference],
  )
  const done = useCallback(() => {
    if (!isOpen || !item || isClosing) return
    const next = neighbourOf(ids, item, 1)
    void decide('done', async () => {
      const decided = await close(item)
      toast({ words: ownDecisionToWords(decided) })
      goToView(reviewPath(reference, next ?? undefined), 'replace')
    })
  }, [isOpen, isClosing, item, ids, reference, decide, close, toast])

  const failed = one.error ?? open.error
  return {
    items,
    conflict,
    error: failed && !conflict && !(item === null && items) ? toApiError(failed) : null,
    retry: () => {
      void open.refetch()
      if (item !== null) void one.refetch()
    },
    fault,
    pending,
    use,
    done,
    go,
  }
}

/** Whether an item of the list has all its texts: long ones are left out there. */
const isWhole = ({ kind, base, ours, theirs }: Conflict): boolean =>
  kind === 'lines' && [base, ours, theirs].every((side) => side === null || side.text !== null)

/**
 * One decision at a time: which one is on its way, and why the last one was refused. One that is asked for meanwhile, as when somebody uses a version
 * and is done at once, waits for it, and is not made when that was refused.
 */
function useDecision() {
  const [pending, setPending] = useState<Review['pending']>(null)
  const [fault, setFault] = useState<ApiError | null>(null)
  const last = useRef<Promise<boolean>>(Promise.resolve(true))
  const forget = useCallback(() => setFault(null), [])
  const decide = useCallback(async (what: Choice | 'done', act: () => Promise<unknown>): Promise<void> => {
    const before = last.current
    setPending(what)
    setFault(null)
    const own = before.then(async (isMade) => {
      if (!isMade) return false
      try {
        await act()
        return true
      } catch (thrown) {
        setFault(toApiError(thrown))
        return false
      }
    })
    last.current = own
    await own
    if (last.current !== own) return
    last.current = Promise.resolve(true)
    setPending(null)
  }, [])
  return { pending, fault, decide, forget }
}

/** Asks anew where the place is, and what stands there, when the text has rested for a moment. */
function useLivePlace(projectId: string, item: string | null, live: LiveDocument | undefined): void {
  const renew = useRenewConflict(projectId)
  useEffect(() => {
    if (!live || item === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const later = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => renew(item), askAfterMs)
    }
    live.text.observe(later)
    return () => {
      clearTimeout(timer)
      live.text.unobserve(later)
    }
  }, [live, item, renew])
}
