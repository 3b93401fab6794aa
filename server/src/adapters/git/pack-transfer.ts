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
 * Writes packs from rows into `folder`, in the order given. Of each the index comes last, because Git looks for
 * indexes; each file appears whole or not at all. Throws when a chunk is missing or bytes do not belong to their name.
 */
export async function rowsToFiles(
  database: Database,
  repository: RepositoryKey,
  packs: readonly StoredPack[],
  folder: string,
): Promise<void> {
  for (const group of groupPacks(packs)) {
    const [first] = group
    if (group.length === 1 && first && sizeOf(first) > chunkBytes) {
      await writePack(first, folder, (part) => readChunks(database, repository, first, part))
    } else {
      await writeSmallPacks(database, repository, group, folder)
    }
  }
}

// Snapshots leave many packs of a few hundred bytes: those travel together, up to the size of one chunk.
function groupPacks(packs: readonly StoredPack[]): StoredPack[][] {
  const groups: StoredPack[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const pack of packs) {
    bytes += sizeOf(pack)
    if (bytes > chunkBytes) {
      groups.push([])
      bytes = sizeOf(pack)
    }
    groups.at(-1)?.push(pack)
  }
  return groups
}

const sizeOf = ({ packBytes, indexBytes }: StoredPack): number => packBytes + indexBytes

async function writeSmallPacks(
  database: Database,
  { projectId, workspaceId }: RepositoryKey,
  packs: readonly StoredPack[],
  folder: string,
): Promise<void> {
  const shas = packs.map(({ sha }) => sha)
  const rows = await database.inWorkspace(workspaceId, (tx) => repositoryQueries.listFirstChunks(tx, projectId, shas), {
    readOnly: true,
  })
  const contents = new Map(rows.map(({ sha, part, data }) => [`${part} ${sha}`, data]))
  for (const pack of packs) {
    await writePack(pack, folder, (part) => {
      const data = contents.get(`${part} ${pack.sha}`)
      return data ? [data] : []
    })
  }
}

async function* readChunks(
  database: Database,
  { projectId, workspaceId }: RepositoryKey,
  pack: StoredPack,
  part: PackPart,
): AsyncGenerator<Buffer> {
  for (let n = 0; ; n++) {
    const data = await database.inWorkspace(
      workspaceId,
      (tx) => repositoryQueries.findPackChunk(tx, projectId, pack.sha, part, n),
      { readOnly: true },
    )
    if (data === null) return
    yield data
  }
}

type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>

async function writePack(pack: StoredPack, folder: string, chunksOf: (part: PackPart) => Chunks): Promise<void> {
  const stem = path.join(folder, `pack-${pack.sha}`)
  await writePart(pack, 'pack', chunksOf('pack'), `${stem}.pack`)
  await writePart(pack, 'index', chunksOf('index'), `${stem}.idx`)
}

async function writePart(pack: StoredPack, part: PackPart, chunks: Chunks, file: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`
  const handle = await open(unfinished, 'w')
  try {
    const digest = new TrailerDigest()
    let bytes = 0
    for await (const data of chunks) {
      digest.update(data)
      await handle.write(data)
      bytes += data.length
    }
    const { computed, trailer } = digest.end()
    const isWhole = bytes === (part === 'pack' ? pack.packBytes : pack.indexBytes) && computed === trailer
    if (!isWhole) throw new Error(`the rows of ${part} ${pack.sha} are damaged or missing`)
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
