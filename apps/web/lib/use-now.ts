'use client'
// The time as a page tells it ("2 min ago"), renewed every half minute, or more often where it is told in seconds.

import { useEffect, useState } from 'react'

const renewalMs = 30_000

/** Now, as one moment for everything that is drawn with it; `everyMs` says how long it may be old. */
export function useNow(everyMs = renewalMs): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
