/** Files of a project, their content, and revisions (`document:epoch:seq`, opaque to clients). */
import { z } from 'zod'
import { ERROR_CODES } from './error.ts'
import { DocumentId, FileId } from './id.ts'
import { Instant } from './page.ts'

export const FileKind = z.enum(['text', 'binary', 'symlink', 'submodule', 'lfs', 'opaque'])
export type FileKind = z.infer<typeof FileKind>

export const File = z.object({
  id: FileId,
  path: z.string(),
  kind: FileKind,
  /** Git mode in octal: 100644, 100755, 120000, 160000. */
  mode: z.string(),
  bytes: z.int(),
  documentId: DocumentId.nullable(),
  eol: z.enum(['lf', 'crlf', 'mixed']).nullable(),
  bom: z.boolean(),
})
export type File = z.infer<typeof File>
/** The whole tree in one answer, ordered by path; `treeVersion` grows with every change. */
export const FileList = z.object({ items: z.array(File), treeVersion: z.int() })
export type FileList = z.infer<typeof FileList>

const Path = z.string().min(1).max(4096)
export const CreateFile = z.object({
  path: Path,
  content: z.string().optional(),
  kind: z.enum(['text', 'symlink']).default('text'),
  executable: z.boolean().default(false),
})
export const UpdateFile = z.object({ path: Path.optional(), executable: z.boolean().optional() })
/** Moves a folder with everything in it; `to` is its new path. */
export const MoveFolder = z.object({ from: Path, to: Path })
export const DeleteFolder = z.object({ path: Path })
export const FileBatch = z.object({ items: z.array(File) })
export const TrashedFile = File.extend({
  deletedAt: Instant,
  deletedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
})
export type TrashedFile = z.infer<typeof TrashedFile>

/** Without a path the file goes back to where it was. */
export const RestoreFile = z.object({ path: Path.optional() })

export const Revision = z.string().max(120).brand<'Revision'>()
export type Revision = z.infer<typeof Revision>
/** A text as JSON; the ETag of the answer is its revision, quoted. */
export const Content = z.object({ path: z.string(), revision: Revision, text: z.string() })
export type Content = z.infer<typeof Content>
export const PutContent = z.object({ text: z.string() })
export const BatchRead = z.object({ paths: z.array(Path).min(1).max(500) })
export const BatchReadAnswer = z.object({
  files: z.array(
    z.union([
      Content,
      z.object({ path: z.string(), error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }) }),
    ]),
  ),
})
export type BatchReadAnswer = z.infer<typeof BatchReadAnswer>
