/**
 * The blob store in PostgreSQL: one row per content and workspace, under the same row-level security as everything
 * else of the tenant.
 */
import { createHash } from 'node:crypto'
import { blobQueries, type Database } from '@skein/db'
import type { BlobStore } from '../../commands/blob-store.ts'

export const createPostgresBlobStore = (database: Database): BlobStore => ({
  put: (workspace, content) =>
    database.inWorkspace(workspace, async (tx) => {
      const sha256 = createHash('sha256').update(content).digest()
      // Looked up first: sending 100 MiB only to find them there would be a waste.
      if (!(await blobQueries.hasBlob(tx, workspace, sha256))) {
        await blobQueries.insertBlob(tx, workspace, sha256, content)
      }
      return sha256
    }),

  get: (workspace, sha256) =>
    database.inWorkspace(workspace, (tx) => blobQueries.findBlob(tx, workspace, sha256), { readOnly: true }),
})
