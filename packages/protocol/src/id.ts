/**
 * Branded ids: strings that cannot be taken for one another. All of them are opaque to clients; on the server they are UUIDs, except
 * user ids (made by better-auth) and oids (Git).
 */
import { z } from 'zod'

const uuid = z.uuid()

export const WorkspaceId = uuid.brand<'WorkspaceId'>()
export type WorkspaceId = z.infer<typeof WorkspaceId>
export const ProjectId = uuid.brand<'ProjectId'>()
export type ProjectId = z.infer<typeof ProjectId>
export const FileId = uuid.brand<'FileId'>()
export type FileId = z.infer<typeof FileId>
export const DocumentId = uuid.brand<'DocumentId'>()
export type DocumentId = z.infer<typeof DocumentId>
export const InvitationId = uuid.brand<'InvitationId'>()
export type InvitationId = z.infer<typeof InvitationId>
export const TokenId = uuid.brand<'TokenId'>()
export type TokenId = z.infer<typeof TokenId>
export const JobId = uuid.brand<'JobId'>()
export type JobId = z.infer<typeof JobId>
export const UserId = z.string().min(1).max(64).brand<'UserId'>()
export type UserId = z.infer<typeof UserId>

/** A Git object id: 40 hexadecimal digits (SHA-1). */
export const Oid = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'is not a Git object id')
  .brand<'Oid'>()
export type Oid = z.infer<typeof Oid>

/** How a request names a workspace: by id or slug; and a project: by id or `workspace/project`. */
export const WorkspaceReference = z.string().min(1).max(64)
export const ProjectReference = z.string().min(1).max(160)
