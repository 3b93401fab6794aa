'use client'
// The bones of a text that is being opened. They come after 150 ms, so that a file that opens at once shows none.

import { useEffect, useState } from 'react'
import { Bone } from '../../components/skeleton.tsx'

const shownAfterMs = 150
const lines = ['38%', '0', '88%', '92%', '64%', '0', '24%', '0', '90%', '71%']

/** True once `shownAfterMs` have passed. */
export function useIsLate(): boolean {
  const [isLate, setIsLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), shownAfterMs)
    return () => clearTimeout(timer)
  }, [])
  return isLate
}

export function FileBones({ name }: { name: string }) {
  const isLate = useIsLate()
  return (
    <div className="bones" role="img" aria-busy="true" aria-label={`Opening ${name}`}>
      {isLate &&
        lines.map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the bones have no identity and never move
          <Bone key={index} width={width} height={width === '0' ? 4 : 10} />
        ))}
    </div>
  )
}
