// What one side of a file-level item holds: what it did to the file, what is known of it, and its text where it is one.

import type { Conflict } from '@skein/protocol'
import { FileX } from 'lucide-react'
import { Icon } from '../../components/icon.tsx'
import { deedOf, factsOfSide, type SideName } from './conflict-words.ts'
import { toLines } from './diff-marks.ts'

const linesMax = 12

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

export function FileSide({ conflict, side }: { conflict: Conflict; side: SideName }) {
  const version = conflict[side]
  const deed = side === 'base' ? null : deedOf(conflict.base, version)
  if (version === null) {
    return (
      <div className="file-side">
        <p className="row quiet">
          <Icon of={FileX} /> {capital(deed ?? 'not there')}
        </p>
      </div>
    )
  }
  const lines = version.text === null ? [] : toLines(version.text)
  return (
    <div className="file-side">
      {deed && <p className="quiet">{capital(deed)}</p>}
      <dl>
        {factsOfSide(version).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {lines.length > 0 && (
        <pre className="mono">
          {lines.slice(0, linesMax).join('\n')}
          {lines.length > linesMax && <span className="faint">{`\n… ${lines.length - linesMax} more lines`}</span>}
        </pre>
      )}
    </div>
  )
}
