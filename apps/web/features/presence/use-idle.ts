'use client'
// Whether the person at this window is idle: no key, pointer or touch for a minute, or the window is hidden.

import { useEffect, useState } from 'react'
import { IDLE_AFTER_MS } from './people.ts'

const signsOfLife = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const

export function useIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const wake = (): void => {
      setIsIdle(false)
      clearTimeout(timer)
      timer = setTimeout(() => setIsIdle(true), IDLE_AFTER_MS)
    }
    wake()
    for (const sign of signsOfLife) window.addEventListener(sign, wake, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const sign of signsOfLife) window.removeEventListener(sign, wake)
    }
  }, [])
  return isIdle
}
