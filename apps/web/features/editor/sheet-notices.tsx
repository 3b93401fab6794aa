'use client'
// What lasts and concerns the text on the sheet, told on the sheet: deleted by somebody, reading only, access lost, set
// aside, offline. What is safe comes first; at most one action.

import { CloudOff, LifeBuoy, Lock, RefreshCw, Trash2, TriangleAlert, WifiOff } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { Notice } from '../../components/notice.tsx'
import type { SetAsideText } from '../project/device-store.ts'

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

export function DeletedNotice({
  name,
  by,
  canRestore,
  onRestore,
}: {
  name: string
  /** Who moved it to the trash; null for Skein itself. */
  by: string | null
  canRestore: boolean
  onRestore: () => void
}) {
  return (
    <Notice
      kind="warn"
      icon={Trash2}
      className="sheet-notice"
      title={`${by ?? 'Skein'} moved ${name} to trash.`}
      action={
        canRestore && (
          <Button size="sm" onClick={onRestore}>
            Restore {name}
          </Button>
        )
      }
    >
      Nothing is lost: it stays there for 30 days, and what is typed here until it is restored is kept too.
    </Notice>
  )
}

/** Somebody whose role does not let them write; `refused` edits of their last seconds were not taken. */
export function ReadingOnlyNotice({
  project,
  refused,
  text,
}: {
  project: string
  refused: number
  text: () => string
}) {
  return (
    <Notice
      kind={refused > 0 ? 'warn' : 'plain'}
      icon={Lock}
      className="sheet-notice"
      title={`You can read ${project}, but not change it.`}
      action={refused > 0 && <CopyButton text={text()} label={`Copy my ${count(refused, 'change')}`} />}
    >
      {refused > 0
        ? `${count(refused, 'change')} of yours ${refused === 1 ? 'was' : 'were'} not taken. Nothing of it is lost: it stands in the text below.`
        : 'Text can be read, searched and copied. An admin of the workspace can make you an editor.'}
    </Notice>
  )
}

export function AccessLostNotice({ what, refused, text }: { what: string; refused: number; text: () => string }) {
  return (
    <Notice
      kind="warn"
      icon={Lock}
      className="sheet-notice"
      title={`You have no access to ${what} any more.`}
      action={<CopyButton text={text()} label="Copy the text" />}
    >
      {refused > 0
        ? `The text stays readable here until you leave the page. ${count(refused, 'change')} of yours ${refused === 1 ? 'was' : 'were'} not taken.`
        : 'The text stays readable here until you leave the page.'}
    </Notice>
  )
}

export function SignedOutNotice() {
  return (
    <Notice
      kind="warn"
      icon={Lock}
      className="sheet-notice"
      title="You are signed out."
      action={
        <a className="btn btn-sm" href={`/sign-in?next=${encodeURIComponent(window.location.pathname)}`}>
          Sign in
        </a>
      }
    >
      What you typed is kept on this device and is sent when you are signed in again.
    </Notice>
  )
}

/** A text that could not go into its document, since the document's history was replaced on the server. */
export function SetAsideNotice({ aside, onForget }: { aside: SetAsideText; onForget: () => void }) {
  return (
    <Notice
      icon={LifeBuoy}
      className="sheet-notice"
      title="This file was restored on the server from a backup."
      action={
        <span className="row">
          <Button kind="quiet" size="sm" onClick={onForget}>
            Delete my copy
          </Button>
          <CopyButton text={aside.text} label="Copy my text" />
        </span>
      }
    >
      The text as you had it, with {count(aside.unsent, 'change')} that the backup does not have, is kept on this
      device.
    </Notice>
  )
}

export function TooLargeNotice({ bytes, onClose }: { bytes: number; onClose: () => void }) {
  return (
    <Notice
      kind="warn"
      icon={TriangleAlert}
      className="sheet-notice"
      title={`That is ${(bytes / 1_000_000).toFixed(1)} MB at once, which is more than Skein takes.`}
      action={
        <Button size="sm" kind="quiet" onClick={onClose}>
          Close
        </Button>
      }
    >
      Nothing was changed. Add it in pieces below 1 MB, or upload it as a file. A text holds up to 4 MB.
    </Notice>
  )
}

/** This page is of a build that the server no longer hands out. */
export function OutdatedNotice() {
  return (
    <Notice
      icon={RefreshCw}
      className="sheet-notice"
      title="Skein was updated."
      action={
        <Button size="sm" onClick={() => window.location.reload()}>
          Reload
        </Button>
      }
    >
      Nothing you typed is lost by it. Reload this page when it suits you.
    </Notice>
  )
}

/** `canReopen`: the browser could open this page without the server, had it been closed. */
export function OfflineFoot({ isKept, canReopen }: { isKept: boolean; canReopen: boolean }) {
  return (
    <div className="notice sheet-foot" role="status">
      <WifiOff className="icon" strokeWidth={1.75} aria-hidden="true" />
      <span className="grow">
        New, moved and deleted files wait for the network. Others see your words when it is back.
        {!isKept && ' This browser keeps nothing, so leave the page open until then.'}
        {isKept &&
          !canReopen &&
          ' Leave the page open until then: at a plain http address the browser cannot open it without the network.'}
      </span>
    </div>
  )
}

/** A text that was never opened here, while nobody can bring it. */
export function NotOnDevice({ name }: { name: string }) {
  return (
    <div className="empty sheet-fill">
      <CloudOff className="icon icon-lg faint" strokeWidth={1.75} aria-hidden="true" />
      <h1>{name} is not on this device</h1>
      <p>It was not opened here before. It opens by itself when the network is back.</p>
    </div>
  )
}

export function MissingFile({ path, onShowFiles }: { path: string; onShowFiles: () => void }) {
  return (
    <div className="empty sheet-fill">
      <CloudOff className="icon icon-lg faint" strokeWidth={1.75} aria-hidden="true" />
      <h1>There is no file “{path}”</h1>
      <p>It was renamed, moved to trash, or never made. Everything else is where it was.</p>
      <div className="row">
        <Button kind="primary" onClick={onShowFiles}>
          Go to another file
        </Button>
      </div>
    </div>
  )
}
