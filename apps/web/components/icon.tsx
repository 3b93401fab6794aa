// One way to draw an icon: Lucide at 1.75 stroke, in the text colour, always beside a word (the word carries the
// meaning, so the icon is hidden from screen readers). The two marks that Lucide does not draw stand at the end.

import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

type IconSize = 'sm' | 'md' | 'lg'

const sizeClasses: Record<IconSize, string> = { sm: ' icon-sm', md: '', lg: ' icon-lg' }

/** A Lucide icon at 14 (`sm`), 16 or 20 (`lg`) pixels. */
export function Icon({ of: Glyph, size = 'md', className }: { of: LucideIcon; size?: IconSize; className?: string }) {
  return (
    <Glyph
      className={`icon${sizeClasses[size]}${className ? ` ${className}` : ''}`}
      strokeWidth={1.75}
      absoluteStrokeWidth={false}
      aria-hidden="true"
    />
  )
}

function Mark({ size, strokeWidth, children }: { size: IconSize; strokeWidth: number; children: ReactNode }) {
  return (
    <svg
      className={`icon${sizeClasses[size]}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ strokeWidth }}
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** The mark of Skein: threads that meet and go on. */
export function SkeinMark({ size = 'lg' }: { size?: IconSize }) {
  return (
    <Mark size={size} strokeWidth={2.25}>
      <path d="M3 5c6 0 5.5 7 9 7" />
      <path d="M3 19c6 0 5.5-7 9-7s3-7 9-7" />
      <path d="M14.2 14.4C15.6 16.8 17 19 21 19" />
      <path d="M3 12h3.5M17.5 12H21" />
    </Mark>
  )
}

/** GitHub's cat, outlined like the Lucide icons around it. */
export function GitHubMark({ size = 'md' }: { size?: IconSize }) {
  return (
    <Mark size={size} strokeWidth={1.75}>
      <path d="M15 22v-4a4.8 4.8 0 0 0-1-3.5c3 0 6-2 6-5.5.08-1.25-.27-2.48-1-3.5.28-1.15.28-2.35 0-3.5 0 0-1 0-3 1.5-2.64-.5-5.36-.5-8 0C6 2 5 2 5 2c-.3 1.15-.3 2.35 0 3.5A5.4 5.4 0 0 0 4 9c0 3.5 3 5.5 6 5.5-.39.49-.68 1.05-.85 1.65-.17.6-.22 1.23-.15 1.85v4" />
      <path d="M9 18c-4.51 2-5-2-7-2" />
    </Mark>
  )
}
