'use client'
// Signing out of this device: asks while edits stand only here, and takes away what the server has anyway.

import type { Me } from '@skein/protocol'
import { type ReactNode, useState } from 'react'
import { signOut } from '../../lib/api/account.ts'
import { forgetAccount } from '../offline/device-account.ts'
import { forgetProjects } from '../project/device-projects.ts'
import { countUnsentEdits, forgetSentDocuments } from '../project/device-store.ts'
import { SignOutDialog } from '../project/sign-out-dialog.tsx'
import { countUnsentHere } from '../project/unsent-here.ts'

/** `leave` signs out and goes to `next`; `question` is drawn somewhere on the page and asks when there is something to ask. */
export function useSignOut(me: Pick<Me, 'id'>, next = '/'): { leave: () => void; question: ReactNode } {
  const [unsent, setUnsent] = useState(0)
  const goodbye = async () => {
    forgetAccount()
    await Promise.all([forgetSentDocuments(me.id), forgetProjects(me.id)])
    await signOut(next)
  }
  const leave = async () => {
    // The device knows of all tabs and projects, this window of what the device has not stored yet.
    const edits = Math.max(await countUnsentEdits(me.id), countUnsentHere())
    if (edits > 0) setUnsent(edits)
    else await goodbye()
  }
  return {
    leave: () => void leave(),
    question: <SignOutDialog unsent={unsent} onSignOut={() => void goodbye()} onClose={() => setUnsent(0)} />,
  }
}
