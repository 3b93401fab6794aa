'use client'
// A menu of actions behind a button. Keys are Radix's: arrows, type to find, Enter, Esc; focus returns to the button.

import type { LucideIcon } from 'lucide-react'
import { Check } from 'lucide-react'
import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

/** The button (`trigger`, one element) and what it opens. */
export function Menu({
  trigger,
  align = 'end',
  children,
}: {
  trigger: ReactNode
  align?: 'start' | 'end'
  children: ReactNode
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="popover menu" align={align} sideOffset={4} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** One action. `bad` for what takes something away; a `hint` (keys, a count) stands at the end. */
export function MenuItem({
  icon,
  bad = false,
  disabled = false,
  hint,
  onSelect,
  children,
}: {
  icon?: LucideIcon
  bad?: boolean
  disabled?: boolean
  hint?: ReactNode
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item className={bad ? 'bad' : ''} disabled={disabled} onSelect={onSelect}>
      {icon && <Icon of={icon} />}
      <span className="clip">{children}</span>
      {hint}
    </DropdownMenu.Item>
  )
}

/** One entry that leads to another view; a real link, so that it can be opened in a tab of its own. */
export function MenuLink({
  icon,
  href,
  current = false,
  children,
}: {
  icon?: LucideIcon
  href: string
  current?: boolean
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item asChild>
      <Link href={href} prefetch={false} {...(current && { 'aria-current': 'page' })}>
        {icon && <Icon of={icon} />}
        <span className="clip">{children}</span>
        {current && <Icon of={Check} size="sm" className="mark" />}
      </Link>
    </DropdownMenu.Item>
  )
}

/** A choice among few; the chosen one carries a check mark. */
export function MenuChoices<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string
  value: Value
  choices: readonly { value: Value; label: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
      <DropdownMenu.Label className="menu-label">{label}</DropdownMenu.Label>
      {choices.map((choice) => (
        <DropdownMenu.RadioItem key={choice.value} value={choice.value}>
          <span className="clip">{choice.label}</span>
          <DropdownMenu.ItemIndicator className="mark">
            <Icon of={Check} size="sm" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

/** A line of support inside a menu: who is signed in, what the next entries are about. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="menu-label">{children}</DropdownMenu.Label>
}

/** A line between groups of actions. */
export function MenuSeparator() {
  return <DropdownMenu.Separator />
}
