/**
 * Packs between rows and files. A pack is cut into chunks of at most 8 MiB, so that neither PostgreSQL nor this process
 * ever holds a large one whole; its bytes are checked against its name when they come back.
 */
import { createHash, randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Database, repositoryQueries } from '@skein/db'
import type { RepositoryKey } from '../../commands/git-store.ts'

type PackPart = repositoryQueries.PackPart

/** A pack as rows know it. */
export interface StoredPack {
  sha: string
  packBytes: number
  indexBytes: number
}

const chunkBytes = repositoryQueries.packChunkBytesMax
const trailerBytes = 20

/** Copies one part of a pack from a file into rows, one transaction a chunk; returns its size in bytes. */
export async function fileToRows(
  database: Database,
  repository: RepositoryKey,
  { sha, part, file, signal }: { sha: string; part: PackPart; file: string; signal?: AbortSignal | undefined },
): Promise<number> {
  const handle = await open(file, 'r')
  try {
    let bytes = 0
    for (let n = 0; ; n++) {
      signal?.throwIfAborted()
      const data = await readChunk(handle)
      if (data.length === 0) return bytes
      bytes += data.length
      await database.inWorkspace(repository.workspaceId, (tx) =>
        repositoryQueries.insertPackChunk(tx, repository, { sha, part, n, data }),
      )
      if (data.length < chunkBytes) return bytes
    }
  } finally {
    await handle.close()
  }
}

async function readChunk(handle: Awaited<ReturnType<typeof open>>): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let filled = 0
  while (filled < chunkBytes) {
    const { bytesRead } = await handle.read(buffer, filled, chunkBytes - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/**
 * Writes a pack from rows into `folder`, the index last, because Git looks for indexes; each file appears whole or not
 * at all. Throws when a chunk is missing or the bytes do not belong to the name.
 */
export async function rowsToFiles(
  database: Database,
  repository: RepositoryKey,
  pack: StoredPack,
  folder: string,
): Promise<void> {
  const stem = path.join(folder, `pack-${pack.sha}`)
  await rowsToFile(database, repository, pack, 'pack', `${stem}.pack`)
  await rowsToFile(database, repository, pack, 'index', `${stem}.idx`)
}

async function rowsToFile(
  database: Database,
  repository: RepositoryKey,
  pack: StoredPack,
  part: PackPart,
  file: string,
): Promise<void> {
  const size = part === 'pack' ? pack.packBytes : pack.indexBytes
  const unfinished = `${file}.${randomUUID()}.tmp`
  const handle = await open(unfinished, 'w')
  try {
    const digest = new TrailerDigest()
    let bytes = 0
    for (let n = 0; bytes < size; n++) {
      const data = await database.inWorkspace(
        repository.workspaceId,
        (tx) => repositoryQueries.findPackChunk(tx, repository.projectId, pack.sha, part, n),
        { readOnly: true },
      )
      if (data === null) throw new Error(`chunk ${n} of ${part} ${pack.sha} is missing`)
      digest.update(data)
      await handle.write(data)
      bytes += data.length
    }
    const { computed, trailer } = digest.end()
    if (bytes !== size || computed !== trailer) throw new Error(`the rows of ${part} ${pack.sha} are damaged`)
    if (part === 'pack' && trailer !== pack.sha) throw new Error(`the rows of pack ${pack.sha} hold another pack`)
    await handle.close()
    await rename(unfinished, file)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(unfinished, { force: true })
    throw error
  }
}

/** Packs and indexes both end in the SHA-1 of all that stands before. */
class TrailerDigest {
  readonly #hash = createHash('sha1')
  #held = Buffer.alloc(0)

  update(data: Buffer): void {
    const all = Buffer.concat([this.#held, data])
    const end = Math.max(0, all.length - trailerBytes)
    this.#hash.update(all.subarray(0, end))
    this.#held = Buffer.from(all.subarray(end))
  }

  end(): { computed: string; trailer: string } {
    return { computed: this.#hash.digest('hex'), trailer: this.#held.toString('hex') }
  }
}
