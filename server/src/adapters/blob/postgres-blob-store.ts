/**
 * The blob store in PostgreSQL: one row per content and workspace, under the same row-level security as everything
 * else of the tenant.
 */
import { blobQueries, type Database } from '@skein/db'
import type { BlobStore } from '../../commands/blob-store.ts'

/** Between the moment a blob is kept and the commit of the file row, or of the snapshot, that needs it. */
const graceDays = 2
/** Who keeps one clears up after a few others, so that the store stays as large as what is needed. */
const sweptAtOnceMax = 20

/** Read at once; what waits in memory beside the content itself is three times that. */
const partBytes = 4 * 1024 * 1024

export const createPostgresBlobStore = (database: Database): BlobStore => ({
  put: async (workspace, content) => {
    // The asynchronous digest: 100 MiB would hold everybody's typing up for a tenth of a second.
    const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', content as Uint8Array<ArrayBuffer>))
    await database.inWorkspace(workspace, async (tx) => {
      // Looked up first: sending 100 MiB only to find them there would be a waste.
      if (!(await blobQueries.renewBlob(tx, workspace, sha256))) {
        await blobQueries.insertBlob(tx, workspace, sha256, content)
      }
    })
    // Apart, because what was put holds its row until it is committed. A sweep that fails is made up for by the next.
    await database
      .inWorkspace(workspace, (tx) => blobQueries.sweepBlobs(tx, workspace, graceDays, sweptAtOnceMax))
      .catch(() => {})
    return sha256
  },

  get: (workspace, sha256) =>
    database.inWorkspace(
      workspace,
      async (tx) => {
        const size = await blobQueries.findBlobSize(tx, workspace, sha256)
        if (size === null) return null
        const content = new Uint8Array(size)
        for (let at = 0; at < size; at += partBytes) {
          const part = await blobQueries.findBlobPart(tx, workspace, sha256, { at, bytes: partBytes })
          content.set(part ?? [], at)
        }
        return content
      },
      { isolation: 'repeatable read', readOnly: true },
    ),
})
