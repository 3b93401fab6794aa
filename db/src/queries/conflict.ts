/** Conflicts with GitHub: lines and files that changed both here and there, and who decided about them. */
import type {
  ActorKey,
  ConflictChoice,
  DocumentId,
  FileId,
  Oid,
  ProjectId,
  Revision,
  WorkspaceId,
} from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

interface Project {
  projectId: ProjectId
  workspaceId: WorkspaceId
}

/** What one side holds: lines are text alone; of a file where and what it is, and its text when it is one of moderate length. */
export interface Side {
  text: string | null
  path?: string
  /** The name's bytes in base64, when they are not UTF-8; `path` shows what there is of them. */
  raw?: string
  /** As Git writes it. */
  mode?: string
  oid?: Oid
  /** In UTF-8. */
  bytes?: number
  /** Ours in the trash, where theirs was taken instead; or theirs where it lies beside ours. */
  file?: FileId
  /** Of ours: the version that somebody has put into the text in its place. */
  used?: Exclude<ConflictChoice, 'ours' | 'current'> | null
}

/** Encoded relative positions of Yjs. */
export interface AnchorPair {
  anchorStart: Uint8Array
  anchorEnd: Uint8Array
}

/** What is told of a conflict, and told anew when a later pull meets it again. */
export interface ConflictContent {
  pullId: string | null
  what: string
  path: string
  line: number | null
  contextBefore: string
  contextAfter: string
  base: Side | null
  ours: Side | null
  theirs: Side | null
  anchors: AnchorPair | null
  oursBy: readonly ActorKey[]
  remote: { oid: Oid; authorName: string | null; at: Date | null }
}

export interface NewConflict extends ConflictContent {
  kind: 'lines' | 'file'
  fileId: FileId | null
  documentId: DocumentId | null
}

/** A version that somebody puts into a text: what the write asks for, and a run of its own. */
export interface Putting {
  actor: ActorKey
  run: string
  revision: Revision
  from: number
  to: number
  insert: string
  used: Side['used']
}

export interface ConflictRow {
  id: string
  kind: 'lines' | 'file'
  what: string
  path: string
  fileId: FileId | null
  documentId: DocumentId | null
  pullId: string | null
  line: number | null
  contextBefore: string
  contextAfter: string
  base: Side | null
  ours: Side | null
  theirs: Side | null
  anchorStart: Buffer | null
  anchorEnd: Buffer | null
  /** Null: none, or it has arrived. */
  putting: Putting | null
  /** Of those who have left the name is missing. */
  oursBy: { id: string; name: string | null }[]
  remoteOid: Oid
  remoteAuthor: string | null
  remoteAt: Date | null
  state: 'open' | 'resolved'
  choice: ConflictChoice | null
  /** Null beside `resolved`: a policy of the project. */
  resolvedBy: { id: string; name: string | null } | null
  resolvedAt: Date | null
  createdAt: Date
}

/** Texts of a list are left out beyond that many characters, their length is told. */
export const LISTED_SIDE_MAX = 16 * 1024

const person = (actor: string): string =>
  `(select jsonb_build_object('id', substr(${actor}, 8), 'name', (select u.name from auth."user" u where 'person:' || u.id = ${actor})) where ${actor} like 'person:%')`

const columnsBesideSides = `c.id, c.kind, c.what, c.path, c.file_id as "fileId", c.document_id as "documentId", c.pull_id as "pullId", c.line,
  c.context_before as "contextBefore", c.context_after as "contextAfter", c.anchor_start as "anchorStart", c.anchor_end as "anchorEnd",
  c.putting, coalesce((select jsonb_agg(${person('o.actor')}) from unnest(c.ours_by) as o(actor) where o.actor like 'person:%'), '[]') as "oursBy",
  c.remote_oid as "remoteOid", c.remote_author as "remoteAuthor", c.remote_at as "remoteAt", c.state, c.choice,
  ${person('c.resolved_by')} as "resolvedBy", c.resolved_at as "resolvedAt", c.created_at as "createdAt"`
const columns = `${columnsBesideSides}, c.base, c.ours, c.theirs`
const cut = (side: string): string =>
  `case when length(c.${side}->>'text') > ${LISTED_SIDE_MAX} then jsonb_set(c.${side}, '{text}', 'null') else c.${side} end as ${side}`

/** A text of PostgreSQL has no NUL. */
const keepable = (side: Side | null): string | null =>
  side && JSON.stringify({ ...side, text: side.text?.replaceAll('\0', '\u2400') ?? null })

const contentOf = (content: ConflictContent): unknown[] => [
  content.pullId,
  content.what,
  content.path,
  content.line,
  content.contextBefore.replaceAll('\0', '\u2400'),
  content.contextAfter.replaceAll('\0', '\u2400'),
  keepable(content.base),
  keepable(content.ours),
  keepable(content.theirs),
  content.anchors && Buffer.from(content.anchors.anchorStart),
  content.anchors && Buffer.from(content.anchors.anchorEnd),
  [...content.oursBy],
  content.remote.oid,
  content.remote.authorName,
  content.remote.at,
]

/** Adds an open conflict. */
export async function insertConflict(tx: Tx, project: Project, conflict: NewConflict): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into conflict (project_id, workspace_id, kind, file_id, document_id, pull_id, what, path, line, context_before, context_after,
       base, ours, theirs, anchor_start, anchor_end, ours_by, remote_oid, remote_author, remote_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) returning id`,
    [
      project.projectId,
      project.workspaceId,
      conflict.kind,
      conflict.fileId,
      conflict.documentId,
      ...contentOf(conflict),
    ],
  )
  if (!row) throw new Error('A conflict was not added')
  return row.id
}

/**
 * Tells an open conflict anew. False when somebody has decided about it meanwhile, or when what it has of ours is not part of what is told now: it
 * may stand nowhere else.
 */
export async function changeConflict(
  tx: Tx,
  project: ProjectId,
  id: string,
  content: ConflictContent,
): Promise<boolean> {
  const rows = await tx.query(
    `update conflict set pull_id = $3, what = $4, path = $5, line = $6, context_before = $7, context_after = $8, base = $9, ours = $10,
       theirs = $11, anchor_start = $12, anchor_end = $13, ours_by = $14, remote_oid = $15, remote_author = $16, remote_at = $17
     where project_id = $1 and id = $2 and state = 'open' and strpos(coalesce($10::jsonb->>'text', ''), coalesce(ours->>'text', '')) > 0
     returning id`,
    [project, id, ...contentOf(content)],
  )
  return rows.length > 0
}

/**
 * Notes a version that is about to be put into the text, and what ours is then; null: nothing came of it. False: nothing was noted, because the
 * conflict is not open any more, or told anew since `remote`.
 */
export async function notePutting(
  tx: Tx,
  project: ProjectId,
  id: string,
  putting: Putting | null,
  { ours = null, remote = null }: { ours?: Side | null; remote?: Oid | null } = {},
): Promise<boolean> {
  const rows = await tx.query(
    `update conflict set putting = $3, ours = coalesce($4, ours)
     where project_id = $1 and id = $2 and state = 'open' and ($5::text is null or remote_oid = $5) returning id`,
    [project, id, putting && JSON.stringify(putting), keepable(ours), remote],
  )
  return rows.length > 0
}

/** Keeps what an open conflict has of ours, and where it stands, after a version of it was put into the project. */
export async function keepPlace(
  tx: Tx,
  project: ProjectId,
  id: string,
  { ours, theirs, anchors, file }: { ours?: Side; theirs?: Side; anchors?: AnchorPair; file?: FileId },
): Promise<void> {
  await tx.query(
    `update conflict set ours = coalesce($3, ours), anchor_start = coalesce($4, anchor_start), anchor_end = coalesce($5, anchor_end),
       file_id = coalesce($6, file_id), theirs = coalesce($7, theirs), putting = null
     where project_id = $1 and id = $2 and state = 'open'`,
    [
      project,
      id,
      keepable(ours ?? null),
      anchors ? Buffer.from(anchors.anchorStart) : null,
      anchors ? Buffer.from(anchors.anchorEnd) : null,
      file ?? null,
      keepable(theirs ?? null),
    ],
  )
}

/** Closes an open conflict; `by` null: a policy. False when it was closed before, or has been told anew since `remote`. */
export async function resolveConflict(
  tx: Tx,
  project: ProjectId,
  id: string,
  { choice, by, remote = null }: { choice: ConflictChoice; by: ActorKey | null; remote?: Oid | null },
): Promise<boolean> {
  const rows = await tx.query(
    `update conflict set state = 'resolved', choice = $3, resolved_by = $4, resolved_at = now(), deciding_by = null, deciding_until = null
     where project_id = $1 and id = $2 and state = 'open' and ($5::text is null or remote_oid = $5) returning id`,
    [project, id, choice, by, remote],
  )
  return rows.length > 0
}

/**
 * Keeps others from deciding for `forMs`, or until it is given back. Null: there is none, or it is not open; else who decides now: `by`, or
 * whoever came before.
 */
export async function claimConflict(
  tx: Tx,
  project: ProjectId,
  id: string,
  by: ActorKey,
  forMs: number,
): Promise<{ by: ActorKey; name: string | null; isOurs: boolean } | null> {
  const [row] = await tx.query<{ by: ActorKey; name: string | null; isOurs: boolean }>(
    `with present as (
       select id, deciding_by, coalesce(deciding_until > now(), false) as is_taken from conflict
       where project_id = $1 and id = $2 and state = 'open' for update
     ), claimed as (
       update conflict c set deciding_by = $3, deciding_until = now() + $4 * interval '1 millisecond'
       from present p where c.id = p.id and not p.is_taken returning c.id
     )
     select case when p.is_taken then p.deciding_by else $3 end as by,
       (select u.name from auth."user" u where 'person:' || u.id = case when p.is_taken then p.deciding_by else $3 end) as name,
       not p.is_taken as "isOurs"
     from present p`,
    [project, id, by, forMs],
  )
  return row ?? null
}

/** Gives a claim back. */
export async function releaseConflict(tx: Tx, project: ProjectId, id: string, by: ActorKey): Promise<void> {
  await tx.query(
    'update conflict set deciding_by = null, deciding_until = null where project_id = $1 and id = $2 and deciding_by = $3',
    [project, id, by],
  )
}

export async function findConflict(sql: Sql, project: ProjectId, id: string): Promise<ConflictRow | null> {
  const rows = await sql.query<ConflictRow>(`select ${columns} from conflict c where c.project_id = $1 and c.id = $2`, [
    project,
    id,
  ])
  return rows[0] ?? null
}

/** Conflicts of lines in one text that wait, and those that this pull has told of and somebody has decided, in the order in which they came. */
export const listLinesIn = (
  sql: Sql,
  project: ProjectId,
  { document, pullId }: { document: DocumentId; pullId: string },
): Promise<ConflictRow[]> =>
  sql.query(
    `select ${columns} from conflict c
     where c.project_id = $1 and c.document_id = $2 and (c.state = 'open' or c.pull_id = $3) and c.kind = 'lines' order by c.id`,
    [project, document, pullId],
  )

/** All conflicts of files that wait; `hasFile`: the file that they name is here, and not in the trash. */
export const listOpenFiles = (sql: Sql, project: ProjectId): Promise<(ConflictRow & { hasFile: boolean })[]> =>
  sql.query(
    `select ${columns}, exists (select from file f where f.id = c.file_id and f.deleted_at is null) as "hasFile" from conflict c
     where c.project_id = $1 and c.state = 'open' and c.kind = 'file' order by c.id`,
    [project],
  )

/** A page of a project's conflicts, oldest first; the texts of long ones are left out. */
export const listConflicts = (
  sql: Sql,
  project: ProjectId,
  { state, after, limit }: { state: 'open' | 'resolved'; after: string | null; limit: number },
): Promise<ConflictRow[]> =>
  sql.query(
    `select ${columnsBesideSides}, ${cut('base')}, ${cut('ours')}, ${cut('theirs')} from conflict c
     where c.project_id = $1 and c.state = $2 and ($3::uuid is null or c.id > $3) order by c.id limit $4`,
    [project, state, after, limit],
  )

/** How many wait for people. */
export async function countOpenConflicts(sql: Sql, project: ProjectId): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*)::int as count from conflict where project_id = $1 and state = 'open'`,
    [project],
  )
  return row?.count ?? 0
}

/** Whether somebody has decided about one after the newest commit that was cut here: what they decided is in no commit yet. */
export async function hasDecisionToCommit(sql: Sql, project: ProjectId): Promise<boolean> {
  const [row] = await sql.query<{ isThere: boolean }>(
    `select exists (select 1 from conflict c where c.project_id = $1 and c.state = 'resolved' and c.resolved_at >
         coalesce((select max(s.at) from snapshot s where s.project_id = $1 and s.state in ('done', 'unchanged')), '-infinity'))
       as "isThere"`,
    [project],
  )
  return row?.isThere ?? false
}
