'use client'
// The parts of a settings page as links to their sections; the one that is read is marked while one scrolls.

import { type ReactNode, useEffect, useState } from 'react'

/** One section: the id of its element, its name and its icon. */
export type SettingsPart = { id: string; label: string; icon: ReactNode }

function usePartInView(parts: readonly SettingsPart[]): string | undefined {
  const [current, setCurrent] = useState(parts[0]?.id)
  useEffect(() => {
    const visible = new Set<string>()
    // A section is read while it touches the upper third of the sheet.
    const observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting) visible.add(entry.target.id)
          else visible.delete(entry.target.id)
        }
        const first = parts.find((part) => visible.has(part.id))
        if (first) setCurrent(first.id)
      },
      { rootMargin: '0px 0px -66% 0px' },
    )
    for (const part of parts) {
      const section = document.getElementById(part.id)
      if (section) observer.observe(section)
    }
    return () => observer.disconnect()
  }, [parts])
  return current
}

/** The links; `parts` must be the same array at every render. */
export function SettingsNav({ parts }: { parts: readonly SettingsPart[] }) {
  const current = usePartInView(parts)
  return parts.map((part) => (
    <a key={part.id} href={`#${part.id}`} {...(part.id === current && { 'aria-current': 'true' })}>
      {part.icon} {part.label}
    </a>
  ))
}
