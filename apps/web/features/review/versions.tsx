'use client'
// Three versions side by side: before, here, GitHub. Each shows its lines with what it changed; the lines around them are those that
// all three have. On a narrow screen one is shown at a time.

import type { Conflict } from '@skein/protocol'
import { Check } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { formatDay, formatExactly } from '../../lib/time.ts'
import { shortOid } from '../sync/sync-words.ts'
import { canUse, isInFile, type SideName } from './conflict-words.ts'
import { type DiffLine, markSide, toLines } from './diff-marks.ts'
import { FileSide } from './file-side.tsx'

/** Lines around the place that are shown on either side of it. */
const contextMax = 2

type Choice = 'ours' | 'theirs' | 'both'

export type VersionsProps = {
  conflict: Conflict
  /** Whether versions can be used now. */
  canDecide: boolean
  /** The choice that is being written. */
  pending: Choice | null
  onUse: (choice: Choice) => void
}

const names: readonly { side: SideName; label: string; key?: string }[] = [
  { side: 'base', label: 'Before' },
  { side: 'ours', label: 'Here', key: '1' },
  { side: 'theirs', label: 'GitHub', key: '2' },
]

export function Versions(props: VersionsProps) {
  const { conflict } = props
  const [shown, setShown] = useState<SideName>('ours')
  return (
    <>
      <fieldset className="segments version-tabs only-narrow">
        <legend className="sr-only">Version to show</legend>
        {names.map(({ side, label }) => (
          <label key={side}>
            <input type="radio" name="version" checked={shown === side} onChange={() => setShown(side)} />
            {label}
          </label>
        ))}
      </fieldset>
      <div className="versions" data-shown={shown}>
        {names.map(({ side, label, key }) => (
          <section key={side} className="version" data-side={side} aria-label={label}>
            <header>
              <b className="strong">{label}</b>
              <span className="faint xs clip">{tellOf(conflict, side)}</span>
            </header>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <div className="diff" tabIndex={0}>
              {conflict.kind === 'file' ? (
                <FileSide conflict={conflict} side={side} />
              ) : (
                <SideLines conflict={conflict} side={side} />
              )}
            </div>
            {side !== 'base' && key && <UseButton {...props} choice={side} hint={key} />}
          </section>
        ))}
      </div>
    </>
  )
}

/** Who wrote a version, and when. */
function tellOf(conflict: Conflict, side: SideName): ReactNode {
  const { kind, oursBy, remote, base, createdAt } = conflict
  if (side === 'base') {
    if (base === null) return 'Not there'
    return kind === 'file' && base.oid ? `What both had, ${shortOid(base.oid)}` : 'What both had'
  }
  if (side === 'ours') {
    const who = oursBy.map(({ name }) => name)
    // Of lines it is what stood here when GitHub’s came; the file may have been edited since.
    const isLive = kind === 'file' || isInFile(conflict, 'ours')
    if (who.length === 0) return isLive ? 'Live' : 'What stood here'
    return `${who.join(', ')}${isLive ? ', live' : ''}`
  }
  const at = remote.at ?? createdAt
  return (
    <span title={formatExactly(at)}>
      {remote.authorName ? `${remote.authorName}, ` : ''}
      {shortOid(remote.oid)}, {formatMoment(at)}
    </span>
  )
}

function formatMoment(instant: string): string {
  const now = new Date()
  const time = new Date(instant)
  return time.toDateString() === now.toDateString()
    ? time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
    : formatDay(instant, now)
}

function SideLines({ conflict, side }: { conflict: Conflict; side: SideName }) {
  const version = conflict[side]
  const base = conflict.base?.text ?? null
  const text = version?.text ?? ''
  const own: DiffLine[] =
    side === 'base'
      ? toLines(text).map((line) => ({ sign: ' ', pieces: [{ text: line, isMarked: false }] }))
      : markSide(base, text)
  const before = toLines(conflict.contextBefore).slice(-contextMax)
  const after = toLines(conflict.contextAfter).slice(0, contextMax)
  return (
    <>
      {before.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity
        <div key={`before ${index}`} className="context">
          <span>{line}</span>
        </div>
      ))}
      {own.length === 0 && (
        <div className="context">
          <span className="faint">nothing</span>
        </div>
      )}
      {own.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity
        <Line key={index} line={line} />
      ))}
      {after.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity
        <div key={`after ${index}`} className="context">
          <span>{line}</span>
        </div>
      ))}
    </>
  )
}

const lineClasses: Record<DiffLine['sign'], string> = { ' ': '', '+': 'ins', '−': 'del' }
const lineWords: Record<DiffLine['sign'], string> = { ' ': '', '+': 'written: ', '−': 'taken away: ' }

function Line({ line: { sign, pieces } }: { line: DiffLine }) {
  const Mark = sign === '−' ? 'del' : 'ins'
  return (
    <div className={lineClasses[sign]}>
      <span>
        {sign !== ' ' && <span className="sr-only">{lineWords[sign]}</span>}
        {pieces.map(({ text, isMarked }, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity
          isMarked ? <Mark key={index}>{text}</Mark> : <span key={index}>{text}</span>,
        )}
      </span>
    </div>
  )
}

function UseButton({
  conflict,
  canDecide,
  pending,
  onUse,
  choice,
  hint,
}: VersionsProps & { choice: 'ours' | 'theirs'; hint: string }) {
  const isThere = isInFile(conflict, choice)
  if (!canDecide && !isThere) return <footer />
  return (
    <footer className="row">
      {canDecide && (
        <Button
          size="sm"
          aria-keyshortcuts={hint}
          busy={pending === choice}
          disabled={!canUse(conflict, choice)}
          onClick={() => onUse(choice)}
        >
          <span>
            {conflict.kind === 'file' && conflict[choice] === null ? 'Delete it' : 'Use this'}
            <span className="sr-only">{choice === 'ours' ? ' as it is here' : ' as on GitHub'}</span>
          </span>
          <span className="kbd">{hint}</span>
        </Button>
      )}
      {isThere && (
        <span className="faint xs in-file">
          <Icon of={Check} size="sm" /> In the file
        </span>
      )}
    </footer>
  )
}
