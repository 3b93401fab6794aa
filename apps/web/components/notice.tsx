// A lasting condition, told in the place it concerns: what is safe, what happened, what to do. Errors are always
// notices or faults of a field, never toasts.

import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

export type NoticeKind = 'plain' | 'good' | 'warn' | 'bad'

const icons: Record<NoticeKind, LucideIcon> = { plain: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert }

/** A notice; `title` in one sentence, the rest below it, at most one action at its end. */
export function Notice({
  kind = 'plain',
  icon,
  title,
  action,
  className,
  children,
}: {
  kind?: NoticeKind
  icon?: LucideIcon
  title: ReactNode
  action?: ReactNode
  className?: string
  children?: ReactNode
}) {
  return (
    <div
      className={`notice notice-${kind}${className ? ` ${className}` : ''}`}
      role={kind === 'bad' ? 'alert' : 'status'}
    >
      <Icon of={icon ?? icons[kind]} />
      <div className="grow">
        <b className="strong">{title}</b>
        {children && <div className="quiet">{children}</div>}
      </div>
      {action}
    </div>
  )
}
