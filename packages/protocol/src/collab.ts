/** What the collaboration socket (`/collab?project=…`, stock Hocuspocus protocol) and its clients agree on beyond that protocol. */
import { z } from 'zod'
import { ProjectReference } from './id.ts'
import { Instant } from './page.ts'

/** A single-use ticket: it authenticates one socket, for all documents on it. */
export const CollabTicket = z.object({ ticket: z.string(), expiresAt: Instant })
export type CollabTicket = z.infer<typeof CollabTicket>

/** With a project, the ticket opens documents of that project only. */
export const CreateCollabTicket = z.object({ project: ProjectReference.optional() })

/** The name of the Y.Text that holds a file. */
export const TEXT_NAME = 'text'

/** Why a document is refused: the reason of Hocuspocus' permission-denied frame. */
export const DenialReason = z.enum(['unauthenticated', 'not-found', 'epoch-changed', 'project-deleted', 'unavailable'])
export type DenialReason = z.infer<typeof DenialReason>

/** Close codes of the socket: 1009 is final (a change is too large), the others are worth another try. */
export const CLOSE = { tooLarge: 1009, goingAway: 1012, tryLater: 1013, policy: 1008 } as const

/** The part of a document's awareness state that the server stamps; clients that write it are overruled. */
export const AwarenessUser = z.object({ id: z.string(), name: z.string(), colour: z.int().min(1).max(10) })
export type AwarenessUser = z.infer<typeof AwarenessUser>

export const FILE_TEXT_BYTES_MAX = 4 * 1024 * 1024
/** One Update or SyncStep2: a file at its limit that is pasted, undone or typed offline, and what Yjs writes around it. */
export const UPDATE_BYTES_MAX = FILE_TEXT_BYTES_MAX + 1024 * 1024
