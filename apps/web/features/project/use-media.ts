'use client'
// Which shape the page has: the same widths at which the styles change.

import { useCallback, useSyncExternalStore } from 'react'

function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (onChange: () => void): (() => void) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', onChange)
      return () => media.removeEventListener('change', onChange)
    },
    [query],
  )
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  )
}

/** One column: the side is a drawer, the touch bar is there. */
export const useIsNarrow = (): boolean => useMedia('(max-width: 720px)')

/** The panel lies over the sheet and opens when it is asked for. */
export const useIsPanelOver = (): boolean => useMedia('(max-width: 1100px)')
