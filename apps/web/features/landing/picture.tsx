// A still picture of one file with three people in it, drawn with the product's own tokens so that it follows the
// theme. It is an image to screen readers; nothing in it can be used.

import { FileText } from 'lucide-react'
import type { ReactNode } from 'react'
import { Avatar } from '../../components/avatar.tsx'
import { Icon } from '../../components/icon.tsx'

function Line({
  no,
  who,
  here = false,
  children,
}: {
  no: number
  who?: 1 | 2 | 3
  here?: boolean
  children?: ReactNode
}) {
  return (
    <div className={`picture-line${who ? ` who-${who}` : ''}`} data-here={here}>
      <span className="no">{no}</span>
      <span className="text">{children}</span>
    </div>
  )
}

function Heading({ mark, children }: { mark: string; children: ReactNode }) {
  return (
    <span className="picture-heading">
      <span className="picture-mark">{mark}</span> {children}
    </span>
  )
}

function Caret({ name, who }: { name?: string; who?: 2 | 3 }) {
  return <span className={`picture-caret${who ? ` who-${who}` : ''}`}>{name && <span>{name}</span>}</span>
}

function Mark({ children }: { children: string }) {
  return <span className="picture-mark">{children}</span>
}

/** The window with estuary.md open in it. */
export function Picture() {
  return (
    <div
      className="sheet picture"
      role="img"
      aria-label="A file that three people edit at once, each with a caret of their own"
    >
      <div className="bar" aria-hidden="true">
        <span className="tab strong">
          <Icon of={FileText} size="sm" /> estuary.md
        </span>
        <span className="grow" />
        <span className="avatars">
          <Avatar name="Ana" colour={1} decorative />
          <Avatar name="Ben" colour={2} decorative />
          <Avatar name="Mei" colour={3} decorative />
        </span>
      </div>
      <div className="picture-text" aria-hidden="true">
        <Line no={1}>
          <Heading mark="#">The estuary in October</Heading>
        </Line>
        <Line no={2} />
        <Line no={3} who={2}>
          Low tide at <Mark>**</Mark>
          <b>06:40</b>
          <Mark>**</Mark>. We walked the north bank
          <Caret name="Ben" who={2} /> from the old sluice to the shingle spit, counting on the way out and again on the
          way back.
        </Line>
        <Line no={4} />
        <Line no={5} who={3}>
          The first skein came over <span className="picture-held who-3">at first light</span>
          <Caret name="Mei" who={3} />, about two hundred birds, calling long before we could see them. They turned once
          above the flats and came down beyond the main channel.
        </Line>
        <Line no={6} />
        <Line no={7}>They were mostly pink-footed geese; eleven barnacle geese flew among them.</Line>
        <Line no={8} />
        <Line no={9}>
          <Heading mark="##">Questions for Mei</Heading>
        </Line>
        <Line no={10} />
        <Line no={11} here>
          <Mark>- [ ]</Mark> Was the ringed bird the one from 2024?
          <Caret />
        </Line>
        <Line no={12}>
          <Mark>- [ ]</Mark> Can we map the roost without giving its place away?
        </Line>
        <Line no={13}>
          <Mark>- [x]</Mark> Tide table for October
        </Line>
      </div>
    </div>
  )
}

/** Three threads become one: saved, committed, pushed. */
export function Thread() {
  return (
    <figure className="thread">
      <svg viewBox="0 0 760 120" fill="none" aria-hidden="true">
        <g strokeWidth="2.5">
          <path d="M0 22 C110 22 120 60 210 60" stroke="var(--presence-1)" />
          <path d="M0 60 C90 60 120 60 210 60" stroke="var(--presence-2)" />
          <path d="M0 98 C110 98 120 60 210 60" stroke="var(--presence-3)" />
          <path d="M210 60 H610" stroke="var(--ink)" />
          <path d="M610 60 H760" stroke="var(--line-strong)" strokeDasharray="2 6" strokeLinecap="round" />
        </g>
        <g fill="var(--ink)">
          <circle cx="210" cy="60" r="7" />
          <circle cx="410" cy="60" r="7" />
          <circle cx="610" cy="60" r="7" />
        </g>
      </svg>
      <figcaption>
        <span style={{ left: '27.6%' }}>
          <b className="strong">Saved</b>
          <small>as you type</small>
        </span>
        <span style={{ left: '53.9%' }}>
          <b className="strong">Committed</b>
          <small>when it goes quiet</small>
        </span>
        <span style={{ left: '80.3%' }}>
          <b className="strong">Pushed</b>
          <small>to GitHub, never forced</small>
        </span>
      </figcaption>
    </figure>
  )
}
