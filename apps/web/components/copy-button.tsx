'use client'
// Copies a text and says so in the button itself. Where the browser refuses the clipboard (plain http on another host
// than localhost), it says that too instead of pretending.

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

const confirmationMs = 2000

/** A small button that copies `text`; `label` is its verb and object. */
export function CopyButton({
  text,
  label,
  kind = 'plain',
}: {
  text: string
  label: string
  kind?: 'plain' | 'primary'
}) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle')

  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), confirmationMs)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setOutcome('copied')
    } catch {
      setOutcome('refused')
    }
  }

  return (
    <Button size="sm" kind={kind} onClick={() => void copy()}>
      <Icon of={outcome === 'copied' ? Check : Copy} size="sm" className={outcome === 'copied' ? 'good' : ''} />
      <span aria-live="polite">
        {outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Select it and copy by hand' : label}
      </span>
    </Button>
  )
}
