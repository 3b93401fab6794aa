/**
 * Find in project: which texts there are, and which of them may hold a literal. PostgreSQL looks at the texts where they stand, so that only those
 * that may match have to travel.
 */
import type { DocumentId, FileId, ProjectId } from '@skein/protocol'
import type { Sql } from '../transaction.ts'

export interface TextFileRow {
  id: FileId
  path: string
  documentId: DocumentId
  /** As of the last commit. */
  bytes: number
}

/** Which paths count, as regular expressions of PostgreSQL; without `include` all do. */
export interface PathFilter {
  include: readonly string[]
  exclude: readonly string[]
}

/** The text files after a path, in the order of code points. */
export const listTextFiles = (
  sql: Sql,
  project: ProjectId,
  page: PathFilter & { after: string; limit: number },
): Promise<TextFileRow[]> =>
  sql.query(
    `select id, path, document_id as "documentId", bytes from file
     where project_id = $1 and deleted_at is null and kind = 'text' and document_id is not null
       and path collate "C" > $2
       and (cardinality($3::text[]) = 0 or path ~ any($3)) and not path ~ any($4::text[])
     order by path collate "C" limit $5`,
    [project, page.after, page.include, page.exclude, page.limit],
  )

/**
 * Those of the documents whose text holds the literal, or is not known to the database in its last state. Without regard to case more are named
 * than hold it: Unicode's simple folding, by a collation that is
 * the same on every server, makes equal whatever any search without regard to case does.
 */
export const listDocumentsWith = async (
  sql: Sql,
  documents: readonly DocumentId[],
  literal: string,
  isCaseSensitive: boolean,
): Promise<Set<DocumentId>> => {
  const rows = await sql.query<{ id: DocumentId }>(isCaseSensitive ? withExactly : withAnyCase, [documents, literal])
  return new Set(rows.map(({ id }) => id))
}

const documentsWhere = (condition: string): string =>
  `select d.id from document d join document_state s on s.document_id = d.id
   where d.id = any($1::uuid[]) and (s.text_seq <> d.head or ${condition})`
const withExactly = documentsWhere('position($2 in s.text) > 0')
const withAnyCase = documentsWhere('position(casefold($2 collate pg_c_utf8) in casefold(s.text collate pg_c_utf8)) > 0')
