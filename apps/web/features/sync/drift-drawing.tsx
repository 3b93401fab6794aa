// Both sides as two lines that part where they held the same last: solid ours, dashed GitHub's, a ring for what is not merged.
// The numbers are also said in words, for those who do not see it and in its title.

import { type Drift, dotsOf, driftToWords } from './drift.ts'

const dotsMax = 4
const step = 29
const end = 176

function Dots({ commits, y, isHollow }: { commits: number; y: number; isHollow: boolean }) {
  const { dots, more } = dotsOf(commits, dotsMax)
  const places = Array.from({ length: dots }, (_, index) => end - (dots - 1 - index) * step)
  return (
    <>
      {places.map((x) => (
        <circle
          key={x}
          cx={x}
          cy={y}
          r={4.5}
          {...(isHollow ? { fill: 'var(--sheet)', stroke: 'var(--ink-3)', strokeWidth: 2 } : { fill: 'var(--ink)' })}
        />
      ))}
      {more > 0 && (
        <text x={end - dots * step} y={y + 4} textAnchor="middle" className="drift-more" paintOrder="stroke">
          +{more}
        </text>
      )}
    </>
  )
}

/** GitHub's line: it ends soon where nothing came, joins ours where what came is merged, and stands beside it otherwise. */
function theirsEnd({ there, isMerged }: Drift): string {
  if (there === 0) return 'H110'
  return isMerged ? 'H130 C154 50 156 14 176 14' : 'H176'
}

export function DriftDrawing({ drift }: { drift: Drift }) {
  const { here, there, isMerged } = drift
  const words = driftToWords(drift)
  const isApart = here > 0 || there > 0
  return (
    <svg className="drift" width="184" height="64" viewBox="0 0 184 64" fill="none" role="img" aria-label={words}>
      <title>{words}</title>
      {isApart ? (
        <>
          <path d="M0 32 H52 C72 32 72 14 92 14 H176" stroke="var(--ink)" strokeWidth="2" />
          <path
            d={`M52 32 C72 32 72 50 92 50 ${theirsEnd(drift)}`}
            stroke="var(--ink-3)"
            strokeWidth="2"
            strokeDasharray="4 4"
          />
          <circle cx="26" cy="32" r="4.5" fill="var(--ink)" />
          <circle cx="52" cy="32" r="4.5" fill="var(--ink)" />
          <Dots commits={here} y={14} isHollow={false} />
          {isMerged && there > 0 ? (
            <circle cx="118" cy="50" r="4.5" fill="var(--ink)" />
          ) : (
            <Dots commits={there} y={50} isHollow />
          )}
        </>
      ) : (
        <>
          <path d="M0 32 H176" stroke="var(--ink)" strokeWidth="2" />
          {[31, 79, 128, 176].map((x) => (
            <circle key={x} cx={x} cy="32" r="4.5" fill="var(--ink)" />
          ))}
        </>
      )}
    </svg>
  )
}
