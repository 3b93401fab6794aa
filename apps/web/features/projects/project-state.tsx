// The state of one project in its row.

import type { GithubStatus, Project } from '@skein/protocol'
import { Knot } from '../../components/knot.tsx'
import { formatExactly } from '../../lib/time.ts'
import { projectToFact } from './project-fact.ts'

/** Knot and words of a ready project. */
export function ProjectState({ project, github, now }: { project: Project; github: GithubStatus | null; now: Date }) {
  const fact = projectToFact(project, github, now)
  return (
    <span className="state" {...(fact.at && { title: formatExactly(fact.at) })}>
      <Knot kind={fact.knot} />
      <span className="clip">
        {fact.words} {fact.detail && <span className="faint">{fact.detail}</span>}
      </span>
    </span>
  )
}
