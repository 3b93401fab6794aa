/** What processes tell each other on the NOTIFY channel: that a project has new event rows. */
import type { ProjectId } from '@skein/protocol'
import { z } from 'zod'
import type { ProjectKey } from '../../commands/event-hub.ts'

const Notice = z.object({ is: z.literal('rows'), project: z.string(), workspace: z.string() })

/** Announces rows. The same text for the same project: PostgreSQL then sends it once per transaction. */
export const encodeRowsNotice = (project: ProjectKey): string =>
  JSON.stringify({ is: 'rows', project: project.projectId, workspace: project.workspaceId })

/** The project that has new rows, or null for a payload that this version does not know. */
export function readRowsNotice(payload: string): ProjectId | null {
  const parsed = Notice.safeParse(parseJson(payload))
  return parsed.success ? (parsed.data.project as ProjectId) : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
