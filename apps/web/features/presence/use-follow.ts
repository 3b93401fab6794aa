'use client'
// Following somebody: their file is shown and their caret kept in sight, a few times a second. It ends with any key, click or
// scroll of one's own, and never touches one's own caret.

import { type LiveEditor, remoteCarets, revealPosition } from '@skein/editor'
import { useEffect } from 'react'
import type { LiveDocument } from '../project/live-document.ts'

const lookEveryMs = 200

export function useFollow(options: {
  followedId: string | null
  editor: LiveEditor | null
  document: LiveDocument | undefined
  onEnd: () => void
}): void {
  const { followedId, editor, document, onEnd } = options

  useEffect(() => {
    if (followedId === null) return
    const end = (event: Event): void => {
      // A press on an avatar is its own: it ends following, or follows somebody else.
      const isPress = event instanceof KeyboardEvent ? event.key === 'Enter' || event.key === ' ' : true
      const isAvatar = event.target instanceof Element && event.target.closest('.avatars') !== null
      if (!(isAvatar && isPress)) onEnd()
    }
    const events = ['keydown', 'pointerdown', 'wheel', 'touchmove'] as const
    for (const name of events) window.addEventListener(name, end, { capture: true, passive: true })
    return () => {
      for (const name of events) window.removeEventListener(name, end, { capture: true })
    }
  }, [followedId, onEnd])

  useEffect(() => {
    if (followedId === null || !editor || !document) return
    let shown = -1
    const look = (): void => {
      const { awareness, text } = document
      const carets = remoteCarets(awareness.getStates(), awareness.clientID, text)
      const theirs = carets.find(({ user }) => user.id === followedId)
      if (!theirs || theirs.head === shown) return
      shown = theirs.head
      revealPosition(editor.view, theirs.head)
    }
    look()
    const timer = setInterval(look, lookEveryMs)
    return () => clearInterval(timer)
  }, [followedId, editor, document])
}
