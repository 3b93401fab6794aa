/**
 * What processes tell each other on the NOTIFY channel: that a project has new event rows, or an event that is in no
 * row. A payload of PostgreSQL holds at most 8,000 bytes, so a longer event travels in parts.
 */
import type { EphemeralEvent, ProjectId, WorkspaceId } from '@skein/protocol'
import { z } from 'zod'
import type { ProjectKey } from '../../commands/event-hub.ts'

const partCharactersMax = 2_400 // at most three bytes each in JSON text of the BMP, four for a pair: below 8,000 bytes
const partsMax = 64 // 150,000 characters: presence of a thousand people
const unfinishedMax = 256

const Notice = z.discriminatedUnion('is', [
  z.object({ is: z.literal('rows'), project: z.string(), workspace: z.string() }),
  z.object({
    is: z.literal('part'),
    from: z.string(),
    message: z.number(),
    part: z.number(),
    parts: z.number(),
    text: z.string(),
  }),
])

export interface Told {
  from: string
  project: ProjectKey
  event: EphemeralEvent
}

/** Announces rows. The same text for the same project: PostgreSQL then sends it once per transaction. */
export const encodeRowsNotice = (project: ProjectKey): string =>
  JSON.stringify({ is: 'rows', project: project.projectId, workspace: project.workspaceId })

/**
 * The payloads that carry an event from the process `from`; none when it is too long, which only costs other
 * processes a late look.
 */
export function encodeToldNotices(told: Told, message: number): string[] {
  const text = JSON.stringify({ project: told.project, event: told.event })
  const parts = Math.ceil(text.length / partCharactersMax)
  if (parts > partsMax) return []
  return Array.from({ length: parts }, (_, part) =>
    JSON.stringify({
      is: 'part',
      from: told.from,
      message,
      part,
      parts,
      text: text.slice(part * partCharactersMax, (part + 1) * partCharactersMax),
    }),
  )
}

export type Heard = { is: 'rows'; projectId: ProjectId; workspaceId: WorkspaceId } | ({ is: 'told' } & Told)

/** Puts parts together. Unfinished ones are forgotten, the oldest first, when there are too many. */
export class NoticeReader {
  readonly #unfinished = new Map<string, string[]>()

  /** What a payload says, or null while parts are missing, and for a payload that this version does not know. */
  read(payload: string): Heard | null {
    const parsed = Notice.safeParse(parseJson(payload))
    if (!parsed.success) return null
    const notice = parsed.data
    if (notice.is === 'rows') {
      return { is: 'rows', projectId: notice.project as ProjectId, workspaceId: notice.workspace as WorkspaceId }
    }
    const key = `${notice.from} ${notice.message}`
    const texts = this.#unfinished.get(key) ?? []
    texts[notice.part] = notice.text
    if (Object.keys(texts).length < notice.parts) {
      this.#keep(key, texts)
      return null
    }
    this.#unfinished.delete(key)
    const { project, event } = JSON.parse(texts.join('')) as Pick<Told, 'project' | 'event'>
    return { is: 'told', from: notice.from, project, event }
  }

  #keep(key: string, texts: string[]): void {
    this.#unfinished.set(key, texts)
    const oldest = this.#unfinished.keys().next()
    if (this.#unfinished.size > unfinishedMax && !oldest.done) this.#unfinished.delete(oldest.value)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
