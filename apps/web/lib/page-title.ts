'use client'
// Titles such as "Projects · Riverside · Skein" hold names that come with the data, so the page sets them itself.

import { useEffect } from 'react'

/** Puts the known parts before "Skein" into the title of the window. */
export function usePageTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter((part) => part !== undefined && part !== ''), 'Skein'].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
