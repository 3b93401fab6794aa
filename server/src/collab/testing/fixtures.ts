/** Rows that a live document needs: a workspace with members, a project, text files; and tokens for its people. */
import { randomBytes, randomUUID } from 'node:crypto'
import { seedEpoch } from '@skein/document'
import type { ActorKey, DocumentId, FileId, ProjectId, Role, UserId, WorkspaceId } from '@skein/protocol'
import { hashSecret, makeSecret, makeTokenText } from '../../commands/tokens/token-text.ts'

/** Runs a statement as somebody whom row-level security does not touch. */
export type Ask = <Row extends object = Record<string, unknown>>(
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>

export interface TestProject {
  workspaceId: WorkspaceId
  projectId: ProjectId
}

export interface TestPerson {
  userId: UserId
  actor: ActorKey
  /** An API token with all scopes. */
  token: string
}

const uuid = <Id extends string>(): Id => randomUUID() as string as Id

export async function addProject(ask: Ask): Promise<TestProject> {
  const workspaceId = uuid<WorkspaceId>()
  const projectId = uuid<ProjectId>()
  await ask(`insert into workspace (id, slug, name) values ($1, $2, 'Team')`, [workspaceId, `team-${workspaceId}`])
  await ask(
    `insert into project (id, workspace_id, slug, name, created_by) values ($1, $2, 'notes', 'Notes', 'skein')`,
    [projectId, workspaceId],
  )
  return { workspaceId, projectId }
}

export async function addPerson(ask: Ask, { workspaceId }: TestProject, name: string, role: Role): Promise<TestPerson> {
  const userId = `${name}-${randomBytes(4).toString('hex')}` as UserId
  await ask(
    `insert into auth."user" ("id", "name", "email", "emailVerified", "updatedAt") values ($1, $2, $3, true, now())`,
    [userId, name, `${userId}@example.org`],
  )
  await ask('insert into workspace_member (workspace_id, user_id, role) values ($1, $2, $3)', [
    workspaceId,
    userId,
    role,
  ])
  const token = makeTokenText(randomBytes)
  await ask(`insert into api_token (user_id, name, token_hash, hint, scopes) values ($1, 'test', $2, 'test', $3)`, [
    userId,
    hashSecret(token),
    ['docs:read', 'docs:write'],
  ])
  return { userId, actor: `person:${userId}` as ActorKey, token }
}

/** Somebody who is signed in in a browser; returns the id of the session. */
export async function addSession(ask: Ask, { userId }: TestPerson): Promise<string> {
  const sessionId = randomUUID()
  await ask(
    `insert into auth."session" ("id", "token", "userId", "expiresAt", "updatedAt")
     values ($1, $1, $2, now() + interval '1 day', now())`,
    [sessionId, userId],
  )
  return sessionId
}

/** A single-use ticket, as a browser gets it; by default of a session of its own. */
export async function addTicket(
  ask: Ask,
  person: TestPerson,
  { projectId = null, sessionId }: { projectId?: ProjectId | null; sessionId?: string } = {},
): Promise<string> {
  const ticket = makeSecret(randomBytes)
  await ask(
    `insert into collab_ticket (hash, user_id, project_id, session_id, expires_at)
     values ($1, $2, $3, $4, now() + interval '1 minute')`,
    [hashSecret(ticket), person.userId, projectId, sessionId ?? (await addSession(ask, person))],
  )
  return ticket
}

/** A text file that was never opened. */
export async function addDocument(ask: Ask, { workspaceId, projectId }: TestProject, text = ''): Promise<DocumentId> {
  const fileId = uuid<FileId>()
  const documentId = uuid<DocumentId>()
  const path = `${documentId}.md`
  await ask(
    `insert into file (id, workspace_id, project_id, path, path_key, kind, document_id, eol, created_by, changed_by)
     values ($1, $2, $3, $4, $4, 'text', $5, 'lf', 'skein', 'skein')`,
    [fileId, workspaceId, projectId, path, documentId],
  )
  await ask('insert into document (id, workspace_id, project_id, file_id) values ($1, $2, $3, $4)', [
    documentId,
    workspaceId,
    projectId,
    fileId,
  ])
  await ask('insert into document_state (document_id, workspace_id, text) values ($1, $2, $3)', [
    documentId,
    workspaceId,
    text,
  ])
  return documentId
}

/** What a restore from a backup does: a new history of the document, which begins with a text. */
export async function beginEpoch(ask: Ask, document: DocumentId, text: string): Promise<void> {
  const clientId = 123_456_789
  await ask('update document_client set retired = true where document_id = $1', [document])
  await ask('update document set epoch = epoch + 1, head = head + 1 where id = $1', [document])
  await ask(
    `update document_state set state = $2, checksum = crc32c($2), text = $3, upto_seq = d.head, text_seq = d.head
     from document d where d.id = document_id and d.id = $1`,
    [document, Buffer.from(seedEpoch(text, 2, clientId)), text],
  )
  await ask(
    `insert into document_client (document_id, client_id, workspace_id, actor, epoch)
     select id, $2, workspace_id, 'skein', 2 from document where id = $1`,
    [document, clientId],
  )
}
