'use client'
// The time as a page tells it ("2 min ago"), renewed every half minute.

import { useEffect, useState } from 'react'

const renewalMs = 30_000

/** Now, as one moment for everything that is drawn with it. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), renewalMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
