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
  /** False: its text does not hold the literal. */
  mayMatch: boolean
}

export interface TextFilePage {
  /** The path after which it begins. */
  after: string
  /** Paths that count, as regular expressions of PostgreSQL; none: all. */
  include: readonly string[]
  exclude: readonly string[]
  /** What every match holds; null: nothing is known of it. */
  literal: string | null
  isCaseSensitive: boolean
  filesMax: number
  /** No file is taken after that many bytes, but always one. */
  bytesMax: number
}

/**
 * The next text files in the order of code points; none: there are no more. One whose text is not known to the database in its last state may
 * match. Without regard to case more may match than hold the literal: Unicode's simple folding, by a collation that is the same on every server,
 * makes equal whatever any search without regard to case does.
 */
export function listTextFiles(sql: Sql, project: ProjectId, page: TextFilePage): Promise<TextFileRow[]> {
  const { after, include, exclude, literal, isCaseSensitive, filesMax, bytesMax } = page
  const values = [project, after, include, exclude, filesMax, bytesMax]
  if (literal === null) return sql.query(withText('true'), values)
  return sql.query(isCaseSensitive ? withExactly : withAnyCase, [...values, literal])
}

const withText = (condition: string): string =>
  `with listed as materialized (
     select id, path, document_id, bytes from file
     where project_id = $1 and deleted_at is null and kind = 'text' and path collate "C" > $2
       and (cardinality($3::text[]) = 0 or path ~ any($3)) and not path ~ any($4::text[])
     order by path collate "C" limit $5
   ), page as (
     select *, sum(bytes) over (order by path collate "C" rows unbounded preceding) - bytes as bytes_before from listed
   )
   select p.id, p.path, p.document_id as "documentId", p.bytes, s.text_seq <> d.head or ${condition} as "mayMatch"
   from page p join document d on d.id = p.document_id join document_state s on s.document_id = d.id
   where p.bytes_before < $6 order by p.path collate "C"`
const withExactly = withText('position($7 in s.text) > 0')
const withAnyCase = withText('position(casefold($7 collate pg_c_utf8) in casefold(s.text collate pg_c_utf8)) > 0')
