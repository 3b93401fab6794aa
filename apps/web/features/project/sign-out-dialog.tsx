'use client'
// Signing out while edits stand only on this device: they are kept and sent at the next sign-in on this very device, and
// nowhere else. That is worth a question; anything less is not asked.

import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'

export function SignOutDialog({
  unsent,
  onSignOut,
  onClose,
}: {
  /** Edits that no server has; 0 asks nothing. */
  unsent: number
  onSignOut: () => void
  onClose: () => void
}) {
  const changes = `${unsent} ${unsent === 1 ? 'change' : 'changes'}`
  return (
    <Dialog
      open={unsent > 0}
      onOpenChange={(open) => !open && onClose()}
      title={`${changes} ${unsent === 1 ? 'is' : 'are'} only on this device`}
      description="They stay here and are sent when you sign in again on this device. Others do not see them until then."
    >
      <div className="dialog-foot">
        <Button onClick={onSignOut}>Sign out</Button>
        <Button kind="primary" onClick={onClose}>
          Stay signed in
        </Button>
      </div>
    </Dialog>
  )
}
