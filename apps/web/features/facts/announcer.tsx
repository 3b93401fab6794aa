'use client'
// The voice of the page for people who do not see it. Two live regions: one polite, one for “Not saved” alone.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { announce, resume, silent } from './announcer-queue.ts'

type Announce = (words: string, options?: { isUrgent?: boolean }) => void

const AnnouncerContext = createContext<Announce>(() => undefined)

/** Tells screen readers something; polite words at most once in two seconds. */
export const useAnnounce = (): Announce => useContext(AnnouncerContext)

export function Announcer({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState('')
  const [urgent, setUrgent] = useState('')
  const queue = useRef(silent)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const tell = useCallback<Announce>((words, options) => {
    if (options?.isUrgent) return setUrgent(words)
    setUrgent('')
    const answer = announce(queue.current, words, performance.now())
    queue.current = answer.state
    if (answer.say !== null) setPolite(answer.say)
    if (answer.againInMs === null) return
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const late = resume(queue.current, performance.now())
      queue.current = late.state
      if (late.say !== null) setPolite(late.say)
    }, answer.againInMs)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])

  return (
    <AnnouncerContext value={tell}>
      {/* Before the page: hidden elements at its end would make it a pixel taller than the window. */}
      <div className="sr-only" aria-live="polite" aria-atomic="true">
        {polite}
      </div>
      <div className="sr-only" aria-live="assertive" aria-atomic="true">
        {urgent}
      </div>
      {children}
    </AnnouncerContext>
  )
}
