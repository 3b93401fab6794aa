'use client'
// A drawer of a narrow screen. While it is open the address says so (`#files`), so that Back closes it.

import { usePathname } from 'next/navigation'
import { useCallback, useEffect, useState } from 'react'

export type Drawer = { isOpen: boolean; open: () => void; close: () => void }

export function useDrawer(name: string): Drawer {
  const [isOpen, setIsOpen] = useState(false)
  const pathname = usePathname()

  // biome-ignore lint/correctness/useExhaustiveDependencies: another file is another address, without the drawer
  useEffect(() => {
    const read = (): void => setIsOpen(window.location.hash === `#${name}`)
    read()
    window.addEventListener('popstate', read)
    return () => window.removeEventListener('popstate', read)
  }, [name, pathname])

  const open = useCallback(() => {
    window.history.pushState(null, '', `#${name}`)
    setIsOpen(true)
  }, [name])
  const close = useCallback(() => {
    if (window.location.hash === `#${name}`) window.history.back()
    setIsOpen(false)
  }, [name])
  return { isOpen, open, close }
}
