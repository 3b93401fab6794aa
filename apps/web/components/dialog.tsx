'use client'
// A dialog for a task with a field in it (a new project, an invitation), never for a mere confirmation: those are
// undone instead. Focus goes in, stays in, and returns to where it was; Esc and the scrim close.

import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** A titled dialog of 440 pixels; `open` is held by its owner. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content className="dialog dialog-form" {...(description ? {} : { 'aria-describedby': undefined })}>
          <div className="dialog-body">
            <div>
              <Radix.Title>{title}</Radix.Title>
              {description && (
                <Radix.Description asChild>
                  <div className="quiet">{description}</div>
                </Radix.Description>
              )}
            </div>
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
