/** A file as the API and the events show it. */
import type { fileQueries } from '@skein/db'
import type { File } from '@skein/protocol'

export const fileToView = (row: fileQueries.FileRow): File => ({
  id: row.id,
  path: row.path,
  kind: row.kind,
  mode: row.mode.toString(8).padStart(6, '0'),
  bytes: row.bytes,
  documentId: row.documentId,
  eol: row.eol,
  bom: row.bom,
})
