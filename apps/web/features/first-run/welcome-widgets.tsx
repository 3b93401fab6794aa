'use client'
// What stands between the lines of the welcome text: a tip below the line to type on, the ways to bring a second person. The
// elements belong to the editor; React draws into them.

import { type BlockWidget, type LiveEditor, showBlockWidgets } from '@skein/editor'
import { AppWindow } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import type { LiveDocument } from '../project/live-document.ts'
import { findPlaces } from './first-run-model.ts'
import { PhoneCode } from './phone-code.tsx'

type Hosts = { tip: HTMLElement; invite: HTMLElement; words: HTMLElement }

function makeHosts(): Hosts {
  const tip = document.createElement('div')
  const invite = document.createElement('div')
  // The editor measures these elements, and margins would escape the measure: the space around them is padding.
  tip.className = 'welcome-block'
  invite.className = 'welcome-block'
  const words = document.createElement('span')
  words.className = 'faint welcome-words'
  words.textContent = 'Write anything'
  words.setAttribute('aria-hidden', 'true')
  return { tip, invite, words }
}

export function WelcomeWidgets({
  editor,
  document: live,
  startsThere,
  onSecondWindow,
}: {
  editor: LiveEditor
  document: LiveDocument
  /** Puts the caret into the line to type on, once. */
  startsThere: boolean
  onSecondWindow: () => void
}) {
  const [hosts] = useState(makeHosts)
  const [isCodeShown, setIsCodeShown] = useState(false)

  const starts = useRef(startsThere)
  useEffect(() => {
    const { typeLine, isTypeLineEmpty } = findPlaces(live.text.toString())
    if (!starts.current || typeLine === null || !isTypeLineEmpty) return
    starts.current = false
    editor.view.dispatch({ selection: { anchor: typeLine } })
    editor.view.focus()
  }, [editor, live])

  useEffect(() => {
    let shown = ''
    const place = (): void => {
      const { typeLine, isTypeLineEmpty, invite } = findPlaces(live.text.toString())
      // Widgets move with the text by themselves; they are placed anew only when one comes or goes.
      const now = JSON.stringify([typeLine === null, isTypeLineEmpty, invite === null])
      if (now === shown) return
      shown = now
      const widgets: BlockWidget[] = []
      if (typeLine !== null) {
        widgets.push({ key: 'tip', position: typeLine, element: hosts.tip })
        if (isTypeLineEmpty) widgets.push({ key: 'words', position: typeLine, element: hosts.words, isInline: true })
      }
      if (invite !== null) widgets.push({ key: 'invite', position: invite, element: hosts.invite })
      showBlockWidgets(editor.view, widgets)
    }
    // React draws into the elements after the editor has placed them.
    const grown = new ResizeObserver(() => editor.view.requestMeasure())
    grown.observe(hosts.tip)
    grown.observe(hosts.invite)
    // Not inside the transaction that changed the text: the editor has it a moment later.
    const later = (): void => queueMicrotask(place)
    place()
    live.text.observe(later)
    return () => {
      live.text.unobserve(later)
      grown.disconnect()
    }
  }, [editor, live, hosts])

  return (
    <>
      {createPortal(
        <div className="tip popover">
          <p>
            Look at the top while you type: <b className="strong">Saved</b> appears only once your words are stored.
          </p>
        </div>,
        hosts.tip,
      )}
      {createPortal(
        <div className="invite">
          <div className="row">
            <Button onClick={onSecondWindow}>
              <Icon of={AppWindow} /> Open a second window
            </Button>
            <Button kind="quiet" aria-expanded={isCodeShown} onClick={() => setIsCodeShown((shown) => !shown)}>
              {isCodeShown ? 'Hide code' : 'Show code for my phone'}
            </Button>
          </div>
          {isCodeShown && <PhoneCode />}
        </div>,
        hosts.invite,
      )}
    </>
  )
}
