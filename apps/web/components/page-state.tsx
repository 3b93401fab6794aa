// A page, or a region of one, that cannot show what was asked: what happened, what is safe, what to do next. Never a
// dead end: there is always at least one way on.

import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

/** Centred words with their actions; `full` fills the window and is the main part of the page. */
export function PageState({
  icon,
  title,
  actions,
  reference,
  full = false,
  children,
}: {
  icon?: LucideIcon
  title: string
  actions?: ReactNode
  /** A short code to quote to whoever runs this Skein. */
  reference?: string | undefined
  full?: boolean
  children?: ReactNode
}) {
  const Frame = full ? 'main' : 'div'
  return (
    <Frame className={full ? 'empty empty-page' : 'empty'}>
      {icon && <Icon of={icon} size="lg" className="faint" />}
      <h1>{title}</h1>
      {children && <p>{children}</p>}
      {actions && <div className="row">{actions}</div>}
      {reference && (
        <span className="faint xs">
          Reference <code>{reference}</code>
        </span>
      )}
    </Frame>
  )
}
