/**
 * Writing into live texts: edits, what became of each hunk, and the suggestions that wait for a person. Offsets are UTF-16 units; line ends in
 * texts are `\n`, except in files whose line ends are mixed.
 */
import { z } from 'zod'
import { Content, Revision } from './file.ts'
import { DocumentId, FileId } from './id.ts'
import { Instant } from './page.ts'

export const EDITS_MAX = 100
/** Of one quote, in UTF-16 units, and of all quotes of a call. */
export const QUOTE_MAX = 64 * 1024
export const QUOTES_MAX = 256 * 1024
/** Longest time that a writer may wait for somebody to stop typing. */
export const WAIT_MS_MAX = 5_000

const InsertedText = z.string().max(4 * 1024 * 1024)

export const QuoteEdit = z.strictObject({
  oldText: z
    .string()
    .max(QUOTE_MAX)
    .refine((text) => text.isWellFormed(), 'must not begin or end within a character')
    .describe('Must be found once, unless replaceAll; empty only for an empty file'),
  newText: InsertedText,
  replaceAll: z.boolean().optional().describe('Every exact place instead of the only one'),
})
export const PositionEdit = z.strictObject({ at: z.int().min(0), remove: z.int().min(0), insert: InsertedText })

/** Edits of one file; each is made on the text that the edits before it have left. */
export const EditContent = z.strictObject({
  revision: Revision.optional().describe(
    'The text that was read. Needed for edits by position; without it quotes are looked for in the present text',
  ),
  edits: z
    .array(z.union([QuoteEdit, PositionEdit]))
    .min(1)
    .max(EDITS_MAX),
  waitMs: z
    .int()
    .min(0)
    .max(WAIT_MS_MAX)
    .default(0)
    .describe(
      'How long to wait for somebody who is typing on the lines of a hunk; then it goes to review. 0: not at all',
    ),
})

/**
 * Why a hunk waits for a person: `changed`: what it replaces is not what was read any more; `beside`: somebody typed right at its edge;
 * `typing`: somebody did not stop typing on its lines.
 */
export const ReviewReason = z.enum(['changed', 'beside', 'typing'])
export type ReviewReason = z.infer<typeof ReviewReason>

const HunkBase = z.object({
  line: z.int().describe('Line of the text that was read, counted from 1'),
  removed: z.int().describe('UTF-16 units'),
  inserted: z.int().describe('UTF-16 units'),
  edits: z.array(z.int()).optional().describe('Which of the edits of the call it comes from, counted from 0'),
})
/**
 * What became of one hunk: `applied` where it was read, `rebased` to where that place is now, `noop`: what it would make is there
 * already, `review`: the text stays as it is and a suggestion waits for a person.
 */
export const HunkOutcome = z.discriminatedUnion('outcome', [
  HunkBase.extend({ outcome: z.enum(['applied', 'rebased', 'noop']) }),
  HunkBase.extend({
    outcome: z.literal('review'),
    reason: ReviewReason,
    baseText: z.string().describe('What was read there'),
    newText: z.string(),
    presentText: z.string().describe('What stands there now'),
    changedBy: z.array(z.string()).describe('Actors whose changes stand against it'),
    suggestionId: z.string(),
  }),
])
export type HunkOutcome = z.infer<typeof HunkOutcome>

/** Hunks that one answer lists. */
export const HUNKS_LISTED_MAX = 1_000

/** The text as it is now, committed, and what became of the hunks of the write. */
export const WrittenContent = Content.extend({
  hunks: z
    .array(HunkOutcome)
    .describe(
      `In the order of the text, at most ${HUNKS_LISTED_MAX}: of more those that were neither applied nor rebased come in first. A write has at most 2,000; where more would change, neighbours are one hunk`,
    ),
  hunkCounts: z
    .object({ applied: z.int(), rebased: z.int(), noop: z.int(), review: z.int() })
    .describe('All hunks of the write, those that are not listed included'),
})
export type WrittenContent = z.infer<typeof WrittenContent>

/** How each edit found its place, from `exact` to `similar`. */
export const EditMatch = z.enum(['exact', 'blanks', 'indentation', 'signs', 'similar', 'position'])
export const EditedContent = WrittenContent.extend({ matches: z.array(EditMatch) })
export type EditedContent = z.infer<typeof EditedContent>

/** A hunk that waits for a person. The anchors are relative positions of Yjs (base64). */
export const Suggestion = z.object({
  id: z.string(),
  documentId: DocumentId,
  fileId: FileId,
  path: z.string(),
  author: z.object({ id: z.string(), name: z.string() }).nullable(),
  run: z.string(),
  reason: ReviewReason,
  revision: Revision,
  anchor: z.object({ start: z.string(), end: z.string() }),
  baseText: z.string(),
  presentText: z.string().describe('As it was when the suggestion was made'),
  newText: z.string(),
  isCut: z.boolean().describe('A text is longer than 8,000 characters, and only begins here'),
  createdAt: Instant,
})
export type Suggestion = z.infer<typeof Suggestion>
