/** Hunks that wait for a person: what a writer wanted where somebody else's change stood. */
import type { ActorKey, DocumentId, FileId, ProjectId, ReviewReason, Revision, WorkspaceId } from '@skein/protocol'
import type { Sql, Tx } from '../transaction.ts'

export interface NewSuggestion {
  /** Number of the hunk in its call. */
  n: number
  reason: ReviewReason
  anchorStart: Uint8Array
  anchorEnd: Uint8Array
  baseText: string
  presentText: string
  newText: string
}

/**
 * Keeps suggestions of one call for one document; returns the id of each by its number. One that the same author has open at the same place with
 * the same text is not made twice.
 */
export async function insertSuggestions(
  tx: Tx,
  project: { projectId: ProjectId; workspaceId: WorkspaceId },
  of: { document: DocumentId; run: string; call: string; author: ActorKey; revision: Revision },
  suggestions: readonly NewSuggestion[],
): Promise<Map<number, string>> {
  const rows = await tx.query<{ n: number; id: string }>(
    `with wanted as (
       select * from unnest($7::integer[], $8::text[], $9::bytea[], $10::bytea[], $11::text[], $12::text[], $13::text[])
         as t (n, reason, anchor_start, anchor_end, base_text, present_text, new_text)
     ), present as (
       select w.n, (select s.id from suggestion s
         where s.document_id = $3 and s.state = 'open' and s.author = $5
           and ((s.call = $14 and s.n = w.n) or
                (s.anchor_start = w.anchor_start and s.anchor_end = w.anchor_end and s.base_text = w.base_text and s.new_text = w.new_text))
         order by s.id limit 1) as id
       from wanted w
     ), added as (
       insert into suggestion (project_id, workspace_id, document_id, run, call, author, revision,
                               n, reason, anchor_start, anchor_end, base_text, present_text, new_text)
       select $1, $2, d.id, $4, $14, $5, $6, w.* from wanted w join present p on p.n = w.n and p.id is null
       join document d on d.id = $3 and d.project_id = $1
       on conflict (document_id, call, n) do nothing
       returning n, id
     )
     select n, id from added union all select n, id from present where id is not null`,
    [
      project.projectId,
      project.workspaceId,
      of.document,
      of.run,
      of.author,
      of.revision,
      suggestions.map(({ n }) => n),
      suggestions.map(({ reason }) => reason),
      suggestions.map(({ anchorStart }) => Buffer.from(anchorStart)),
      suggestions.map(({ anchorEnd }) => Buffer.from(anchorEnd)),
      suggestions.map(({ baseText }) => keepable(baseText)),
      suggestions.map(({ presentText }) => keepable(presentText)),
      suggestions.map(({ newText }) => keepable(newText)),
      of.call,
    ],
  )
  return new Map(rows.map(({ n, id }) => [n, id]))
}

const keepable = (text: string): string => text.replaceAll('\0', '\u2400')

export interface SuggestionRow {
  id: string
  documentId: DocumentId
  fileId: FileId
  path: string
  author: ActorKey
  authorName: string | null
  run: string
  reason: ReviewReason
  revision: Revision
  anchorStart: Buffer
  anchorEnd: Buffer
  baseText: string
  presentText: string
  newText: string
  /** A text is longer than a list shows. */
  isCut: boolean
  createdAt: Date
}

/** Characters of each text in a list. */
const LISTED_TEXT_MAX = 8_000

/** Open suggestions of a project, oldest first, after an id; those of files in the trash are left out. */
export const listSuggestions = (
  sql: Sql,
  project: ProjectId,
  { after, document, limit }: { after: string | null; document: DocumentId | null; limit: number },
): Promise<SuggestionRow[]> =>
  sql.query(
    `select s.id, s.document_id as "documentId", f.id as "fileId", f.path, s.author, u.name as "authorName", s.run, s.reason, s.revision,
            s.anchor_start as "anchorStart", s.anchor_end as "anchorEnd", left(s.base_text, $5) as "baseText",
            left(s.present_text, $5) as "presentText", left(s.new_text, $5) as "newText",
            greatest(length(s.base_text), length(s.present_text), length(s.new_text)) > $5 as "isCut", s.created_at as "createdAt"
     from suggestion s
     join document d on d.id = s.document_id
     join file f on f.id = d.file_id and f.deleted_at is null
     left join auth."user" u on 'person:' || u.id = s.author
     where s.project_id = $1 and s.state = 'open' and ($2::uuid is null or s.id > $2) and ($3::uuid is null or s.document_id = $3)
     order by s.id limit $4`,
    [project, after, document, limit, LISTED_TEXT_MAX],
  )

/** How many suggestions for a document wait, counted up to `most`. */
export async function countOpenSuggestions(sql: Sql, document: DocumentId, most: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `select count(*)::int as count from (select 1 from suggestion where document_id = $1 and state = 'open' limit $2) s`,
    [document, most],
  )
  return row?.count ?? 0
}
