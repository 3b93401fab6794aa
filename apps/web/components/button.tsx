// Buttons and links that look like buttons. A button at work keeps its width and its focus (it is aria-disabled, not
// disabled) and shows a knot in the place of its words.

import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { Knot } from './knot.tsx'

type Look = {
  /** `primary` at most once per region; `bad` only for what cannot come back. */
  kind?: 'plain' | 'primary' | 'quiet' | 'bad'
  size?: 'sm' | 'md' | 'lg'
  /** Without words: a square. Give it an `aria-label`. */
  square?: boolean
}

function lookToClass({ kind = 'plain', size = 'md', square = false }: Look, className?: string): string {
  const classes = ['btn']
  if (kind !== 'plain') classes.push(`btn-${kind}`)
  if (size !== 'md') classes.push(`btn-${size}`)
  if (square) classes.push('btn-icon')
  if (className) classes.push(className)
  return classes.join(' ')
}

/** A button; `busy` shows that its work is on the way and ignores further presses. */
export function Button({
  kind,
  size,
  square,
  busy = false,
  className,
  type = 'button',
  onClick,
  children,
  ...rest
}: Look & { busy?: boolean } & ComponentProps<'button'>) {
  const look = { ...(kind && { kind }), ...(size && { size }), ...(square && { square }) }
  return (
    <button
      {...rest}
      type={type}
      className={lookToClass(look, className)}
      {...(busy && { 'data-busy': true, 'aria-disabled': true, 'aria-busy': true })}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else onClick?.(event)
      }}
    >
      <span className="btn-words">{children}</span>
      {busy && (
        <span className="btn-knot">
          <Knot kind="busy" />
        </span>
      )}
    </button>
  )
}

/** A link to another view in the shape of a button. */
export function LinkButton({
  kind,
  size,
  square,
  className,
  href,
  children,
  ...rest
}: Look & { href: string; className?: string; children: ReactNode } & Omit<
    ComponentProps<typeof Link>,
    'href' | 'className' | 'children'
  >) {
  const look = { ...(kind && { kind }), ...(size && { size }), ...(square && { square }) }
  return (
    <Link {...rest} href={href} className={lookToClass(look, className)}>
      {children}
    </Link>
  )
}
