'use client'
// A value once it has not changed for a while: what somebody types is asked about when they pause, not at every letter.

import { useEffect, useState } from 'react'

export function useSettled<Value>(value: Value, afterMs: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs)
    return () => clearTimeout(timer)
  }, [value, afterMs])
  return settled
}
