/**
 * Find in project: what to look for in the live texts of a project, and where it stands. Offsets, columns and lengths count UTF-16 units, as the
 * editor and `Y.Text` do; lines and columns begin at 1 and a line ends at `\n`. Files come in the order of their paths, by code points.
 */
import { z } from 'zod'
import { Revision } from './file.ts'
import { DocumentId, FileId } from './id.ts'

/** UTF-16 units of a line that are shown around a match, and of the match itself. */
export const FIND_BEFORE_MAX = 80
export const FIND_MATCH_MAX = 200
export const FIND_AFTER_MAX = 160

/** Path patterns as in `.gitignore`, without `!`; `{a,b}` stands for either. */
const PathPatterns = z.array(z.string().trim().min(1).max(200)).max(20).default([])

export const FindQuery = z.object({
  query: z
    .string()
    .min(1)
    .max(1000)
    .refine((query) => !query.includes('\0'), 'holds a NUL character, which no text does'),
  /** `query` is an expression of RE2, in which `^` and `$` stand for the ends of a line. Matches of no length are left out. */
  regex: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  /** A match must not go on as a word on either side. */
  wholeWord: z.boolean().default(false),
  /** Files to look into; none: all. */
  include: PathPatterns,
  /** Files to leave out, also of those to look into. */
  exclude: PathPatterns,
  /** Files with matches in one answer. */
  limit: z.int().min(1).max(200).default(50),
  /** Matches told of one file. */
  matchesPerFile: z.int().min(1).max(500).default(100),
  /** Milliseconds after which the answer comes with what was found by then. */
  withinMs: z.int().min(100).max(10_000).default(10_000),
  cursor: z.string().max(24_000).optional(),
})
export type FindQuery = z.infer<typeof FindQuery>

export const TextMatch = z.object({
  /** Offset in the text, from 0. */
  at: z.int(),
  length: z.int(),
  line: z.int(),
  column: z.int(),
  /** The line around the match, clipped; `text` is the match up to the end of its first line, clipped too. */
  before: z.string(),
  text: z.string(),
  after: z.string(),
})
export type TextMatch = z.infer<typeof TextMatch>

export const FileMatches = z.object({
  path: z.string(),
  fileId: FileId,
  documentId: DocumentId,
  /** The text that the matches are in. */
  revision: Revision,
  matches: z.array(TextMatch),
  /** The file holds more matches than are told. */
  hasMore: z.boolean(),
})
export type FileMatches = z.infer<typeof FileMatches>

export const FindAnswer = z.object({
  items: z.array(FileMatches),
  nextCursor: z.string().optional(),
  /** `complete`: every file was looked at; `limit`, `time`: there are more behind `nextCursor`. */
  ended: z.enum(['complete', 'limit', 'time']),
  /** Text files that this answer looked at. */
  filesSearched: z.int(),
})
export type FindAnswer = z.infer<typeof FindAnswer>
