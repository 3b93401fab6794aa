'use client'
// The one dialog that interrupts: an edit is neither with the server nor on this device. It stays until the text is copied
// or somebody chooses to go on trying, and closes by itself as soon as the text is stored.

import { CircleAlert, Copy } from 'lucide-react'
import { AlertDialog } from 'radix-ui'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { explainNotSaved } from './fact-words.ts'
import type { SavedState } from './saved-machine.ts'

export function NotSavedDialog({
  saved,
  text,
  isOpen,
  onOpenChange,
  onKeepTrying,
}: {
  saved: SavedState
  /** Everything that is not saved, for the clipboard. */
  text: () => string
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  onKeepTrying: () => void
}) {
  const [byHand, setByHand] = useState<string | null>(null)
  if (saved.kind !== 'not-saved') return null
  const copy = async (): Promise<void> => {
    const unsaved = text()
    try {
      await navigator.clipboard.writeText(unsaved)
      onOpenChange(false)
    } catch {
      setByHand(unsaved)
    }
  }
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content className="dialog dialog-form">
          <div className="dialog-body">
            <AlertDialog.Title className="row bad">
              <Icon of={CircleAlert} /> Your last words are not saved
            </AlertDialog.Title>
            <AlertDialog.Description className="quiet">{explainNotSaved(saved.cause)}</AlertDialog.Description>
            {byHand !== null && (
              <textarea
                className="input not-saved-text mono"
                readOnly
                aria-label="Your text, to be copied by hand"
                value={byHand}
                onFocus={(event) => event.currentTarget.select()}
              />
            )}
            <div className="dialog-foot">
              <AlertDialog.Cancel asChild>
                <Button onClick={onKeepTrying}>Keep trying</Button>
              </AlertDialog.Cancel>
              <Button kind="primary" onClick={() => void copy()}>
                <Icon of={Copy} size="sm" /> Copy your text
              </Button>
            </div>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
