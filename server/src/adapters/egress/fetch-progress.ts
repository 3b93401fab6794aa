/** Turns Git's progress lines into what a person sees. */
import type { JobProgress } from '@skein/protocol'

const phases: Record<string, string> = {
  'Counting objects': 'The server is preparing the repository',
  'Compressing objects': 'The server is preparing the repository',
  'Receiving objects': 'Receiving the history',
  'Resolving deltas': 'Checking what was received',
  'Checking connectivity': 'Checking what was received',
}

/** Null for lines that tell nothing. */
export function parseFetchProgress(line: string): JobProgress | null {
  const match = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +(?:\d+% \()?(\d+)(?:\/(\d+)\))?/.exec(line)
  const phase = phases[match?.[1] ?? '']
  if (match === null || phase === undefined) return null
  return {
    phase,
    done: Number(match[2]),
    ...(match[3] === undefined ? {} : { total: Number(match[3]) }),
    unit: 'objects',
  }
}
