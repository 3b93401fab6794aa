'use client'
// A link to another view of the open project: a real address, for a tab of its own or to be copied, followed without leaving the
// workbench.

import type { ComponentProps, MouseEvent } from 'react'
import { goToView } from '../project/project-view.ts'

/** What a press on a link to a view does: nothing of its own where it means another tab. */
export function followView(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  const { pathname, search } = event.currentTarget
  goToView(`${pathname}${search}`)
}

/** The link, as plain text (`link`), as a button (`btn`, `primary`), or as its class says. */
export function ViewLink({
  kind,
  className,
  href,
  children,
  ...rest
}: { kind?: 'btn' | 'primary' | 'link'; href: string } & ComponentProps<'a'>) {
  const looks = { btn: 'btn', primary: 'btn btn-primary', link: 'link' }
  return (
    <a {...rest} href={href} className={className ?? (kind && looks[kind])} onClick={followView}>
      {children}
    </a>
  )
}
