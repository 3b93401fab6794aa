/**
 * A double of the live documents for tests of the API: texts as the database has them, edits on top in memory. What an edit means for open
 * editors is tested with the real ones, in `collab`.
 */
import { type Database, documentLogQueries } from '@skein/db'
import type { DocumentId, Revision } from '@skein/protocol'
import type { LiveDocuments, LiveText } from '../../commands/live-documents.ts'
