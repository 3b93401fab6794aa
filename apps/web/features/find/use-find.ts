'use client'
// A search as it goes on: it starts when typing pauses, takes answer after answer until enough is found, and stops when
// something else is typed. What was found stays until there is something newer to show.

import type { FileMatches } from '@skein/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { type FindRequest, findInTexts } from '../../lib/api/find.ts'
import { type FindTerms, noTerms, termsToRequest } from './find-terms.ts'

/** A pause in typing, in milliseconds. */
const pauseMs = 200
/** An answer comes at least this often, so that something is seen to happen. */
const answerWithinMs = 1_000
/** Matches that are gathered before somebody asks for more. */
const matchesAtOnceMax = 500

export type FindState = {
  terms: FindTerms
  files: readonly FileMatches[]
  filesSearched: number
  /** `waiting`: nothing to look for. `paused`: enough was found, and there may be more. */
  phase: 'waiting' | 'searching' | 'paused' | 'done' | 'failed'
  error: ApiError | null
}

export type Find = FindState & {
  change: (terms: Partial<FindTerms>) => void
  searchMore: () => void
  /** Looks for the same again, in the texts as they are now. */
  searchAgain: () => void
}

const nothing: FindState = { terms: noTerms, files: [], filesSearched: 0, phase: 'waiting', error: null }

/** What has been found so far, and where it goes on. */
type Progress = { files: FileMatches[]; filesSearched: number; cursor: string | undefined }

async function search(
  project: string,
  request: FindRequest,
  progress: Progress,
  signal: AbortSignal,
  show: (progress: Progress, isMoreComing: boolean) => void,
): Promise<void> {
  let found = 0
  for (;;) {
    const { cursor } = progress
    const body = { ...request, withinMs: answerWithinMs, ...(cursor !== undefined && { cursor }) }
    const answer = await findInTexts(project, body, signal)
    found += answer.items.reduce((sum, file) => sum + file.matches.length, 0)
    progress = {
      files: [...progress.files, ...answer.items],
      filesSearched: progress.filesSearched + answer.filesSearched,
      cursor: answer.nextCursor,
    }
    const isMoreComing = answer.nextCursor !== undefined && found < matchesAtOnceMax
    show(progress, isMoreComing)
    if (!isMoreComing) return
  }
}

/** The search of a project; it outlives the dialog, so that one can come back to what was found. */
export function useFind(project: string): Find {
  const [state, setState] = useState<FindState>(nothing)
  const running = useRef<AbortController | null>(null)
  const cursor = useRef<string | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const latest = useRef(state)
  latest.current = state

  const stop = useCallback(() => {
    clearTimeout(timer.current)
    running.current?.abort()
  }, [])
  useEffect(() => stop, [stop])

  const run = useCallback(
    (terms: FindTerms, from: Progress) => {
      stop()
      const request = termsToRequest(terms)
      if (!request) return
      const control = new AbortController()
      running.current = control
      setState((before) => ({ ...before, phase: 'searching', error: null }))
      const show = ({ files, filesSearched, cursor: next }: Progress, isMoreComing: boolean): void => {
        if (control.signal.aborted) return
        cursor.current = next
        const phase = isMoreComing ? 'searching' : next === undefined ? 'done' : 'paused'
        setState((before) => ({ ...before, files, filesSearched, phase }))
      }
      search(project, request, from, control.signal, show).catch((error: unknown) => {
        if (!control.signal.aborted) setState((before) => ({ ...before, phase: 'failed', error: toApiError(error) }))
      })
    },
    [project, stop],
  )
  const runAnew = useCallback(
    (terms: FindTerms) => run(terms, { files: [], filesSearched: 0, cursor: undefined }),
    [run],
  )

  const change = useCallback(
    (changes: Partial<FindTerms>) => {
      stop()
      const terms = { ...latest.current.terms, ...changes }
      if (terms.query === '') return setState({ ...nothing, terms })
      setState((before) => ({ ...before, terms, phase: 'searching', error: null }))
      timer.current = setTimeout(() => runAnew(terms), pauseMs)
    },
    [stop, runAnew],
  )
  const searchMore = useCallback(() => {
    const { terms, files, filesSearched } = latest.current
    run(terms, { files: [...files], filesSearched, cursor: cursor.current })
  }, [run])
  const searchAgain = useCallback(() => runAnew(latest.current.terms), [runAnew])
  return { ...state, change, searchMore, searchAgain }
}
