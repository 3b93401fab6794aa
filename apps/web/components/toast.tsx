'use client'
// What just happened and can be undone: one at a time, for 6 s, held while the pointer or the focus is on it. Never for
// errors (they stand where they belong) and never for "Saved". ⌘Z outside text fields undoes what the toast tells.

import { Check, type LucideIcon } from 'lucide-react'
import { Toast as Radix } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { Icon } from './icon.tsx'

/** One sentence in the past tense; `action` is usually an undo. */
export type ToastMessage = {
  icon?: LucideIcon
  words: ReactNode
  action?: { label: string; run: () => void }
}

type ShownToast = ToastMessage & { id: number; open: boolean }

const durationMs = 6000

const ToastContext = createContext<(message: ToastMessage) => void>(() => {
  throw new Error('useToast is used outside of ToastProvider')
})

/** Shows a toast; the next one takes its place. */
export function useToast(): (message: ToastMessage) => void {
  return useContext(ToastContext)
}

function isTextTarget(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null
}

/** Holds the one toast of the page. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<ShownToast | null>(null)
  const lastId = useRef(0)

  const show = useCallback((message: ToastMessage) => {
    lastId.current += 1
    setToast({ ...message, id: lastId.current, open: true })
  }, [])
  const close = useCallback(() => setToast((current) => current && { ...current, open: false }), [])

  const action = toast?.open ? toast.action : undefined
  useEffect(() => {
    if (action?.label !== 'Undo') return
    const undo = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.metaKey || event.ctrlKey)) return
      if (isTextTarget(event.target)) return
      event.preventDefault()
      close()
      action.run()
    }
    document.addEventListener('keydown', undo)
    return () => document.removeEventListener('keydown', undo)
  }, [action, close])

  const value = useMemo(() => show, [show])
  return (
    <ToastContext value={value}>
      <Radix.Provider duration={durationMs} swipeDirection="down" label="What just happened">
        {children}
        {toast && (
          <Radix.Root key={toast.id} className="toast" open={toast.open} onOpenChange={(open) => !open && close()}>
            <Icon of={toast.icon ?? Check} className="faint" />
            <Radix.Title className="grow">{toast.words}</Radix.Title>
            {toast.action && (
              <Radix.Action
                className="btn btn-quiet btn-sm"
                altText={toast.action.label}
                onClick={() => toast.action?.run()}
              >
                {toast.action.label}
              </Radix.Action>
            )}
          </Radix.Root>
        )}
        {/* F8 belongs to the next suggestion, so the region has no key of its own. */}
        <Radix.Viewport className="toaster" hotkey={[]} />
      </Radix.Provider>
    </ToastContext>
  )
}
