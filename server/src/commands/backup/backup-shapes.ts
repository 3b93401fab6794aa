/** What stands in the records of a backup that are JSON; read back only through these schemas. */
import { z } from 'zod'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const BackupHead = z.object({
  format: z.literal(1),
  /** Version of the product. */
  skein: z.string(),
  takenAt: z.iso.datetime(),
  postgres: z.string(),
  schema: z.array(z.object({ version: z.int(), name: z.string(), checksum: z.string() })),
  keyFingerprint: z.string().nullable(),
})
export type BackupHead = z.infer<typeof BackupHead>

export const BackupTableStart = z.object({
  name: z.string().regex(/^(public|auth)\.[a-z_][a-z0-9_]*$/),
  columns: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).min(1),
})

export const BackupTableEnd = z.object({ rows: z.int(), bytes: z.int(), sha256: Sha256 })
export type BackupTableEnd = z.infer<typeof BackupTableEnd>

export const BackupManifest = z.object({ tables: z.array(BackupTableEnd.extend({ name: z.string() })) })
export type BackupManifest = z.infer<typeof BackupManifest>
