/**
 * What `GET /projects/:project/events` (server-sent events) carries. The SSE `event` field is the type, `data` the JSON below, `id` the number of the event
 * in its project. Persisted events can be resumed with `Last-Event-ID`; `presence`, `changes` and `reset` have no id. After `reset` a client reads everything anew.
 */
import { z } from 'zod'
import { Person } from './actor.ts'
import { File } from './file.ts'
import { GithubStatus } from './github.ts'
import { DocumentId, FileId, Oid } from './id.ts'
import { Job } from './job.ts'
import { Commit } from './project.ts'

const By = z.object({ id: z.string(), name: z.string() }).nullable()

export const ProjectEvent = z.discriminatedUnion('type', [
  /** Created, restored, renamed, moved, or its mode or kind changed: the files as they are now. */
  z.object({ type: z.literal('files-changed'), files: z.array(File), by: By, treeVersion: z.int() }),
  z.object({
    type: z.literal('files-deleted'),
    files: z.array(z.object({ id: FileId, path: z.string() })),
    by: By,
    treeVersion: z.int(),
  }),
  z.object({ type: z.literal('snapshot'), commit: Commit }),
  z.object({ type: z.literal('sync'), github: GithubStatus }),
  z.object({ type: z.literal('job'), job: Job }),
  z.object({
    type: z.literal('project'),
    name: z.string(),
    state: z.enum(['importing', 'ready', 'failed', 'deleted']),
  }),
  /** Somebody's role changed or they left: whoever it is reads their rights anew. */
  z.object({ type: z.literal('members') }),
  /** New suggestions wait in a file; which ones, the list of suggestions says. */
  z.object({ type: z.literal('suggestions'), fileId: FileId, documentId: DocumentId, added: z.int(), by: By }),
  /** Conflicts with GitHub came or were decided: the list of them says which. */
  z.object({ type: z.literal('conflicts'), open: z.int(), path: z.string().nullable(), by: By }),
  /** Who is here and in which files; the whole list each time. */
  z.object({
    type: z.literal('presence'),
    people: z.array(z.object({ person: Person, fileIds: z.array(FileId) })),
  }),
  /** How many files differ from the last commit. */
  z.object({ type: z.literal('changes'), count: z.int(), head: Oid.nullable() }),
  z.object({ type: z.literal('reset') }),
])
export type ProjectEvent = z.infer<typeof ProjectEvent>
export type ProjectEventType = ProjectEvent['type']
/** Types that stand in rows and can be resumed. */
export type PersistedEvent = Extract<
  ProjectEvent,
  {
    type:
      | 'files-changed'
      | 'files-deleted'
      | 'snapshot'
      | 'sync'
      | 'job'
      | 'project'
      | 'members'
      | 'suggestions'
      | 'conflicts'
  }
>
export type EphemeralEvent = Extract<ProjectEvent, { type: 'presence' | 'changes' }>
