/**
 * Objects on their way into rows (SN3). They are packed when enough are there, so that a snapshot of many large files
 * never holds them all; the rows become visible with the transaction that publishes the commit.
 */
import { type Database, repositoryQueries, type Tx } from '@skein/db'
import { encodePack, type GitObject, type Pack } from '@skein/git-model'
import type { ProjectKey } from '../event-hub.ts'

/** Bytes of objects after which a pack is closed. */
const packContentBytesMax = 16 * 1024 * 1024

export type WrittenPack = { sha: string; packBytes: number; indexBytes: number }

export class PackRows {
  readonly #database: Database
  readonly #project: ProjectKey
  #objects: GitObject[] = []
  #bytes = 0
  readonly written: WrittenPack[] = []

  constructor(database: Database, project: ProjectKey) {
    this.#database = database
    this.#project = project
  }

  /** Takes an object; may write a pack. */
  async add(object: GitObject): Promise<void> {
    this.#objects.push(object)
    this.#bytes += object.body.length
    if (this.#bytes >= packContentBytesMax) await this.#write(async () => {})
  }

  /** Writes the rest, in one transaction with `beside`. */
  async finish(beside: (tx: Tx) => Promise<void>): Promise<void> {
    if (this.#objects.length > 0) return this.#write(beside)
    await this.#database.inWorkspace(this.#project.workspaceId, beside, { durability: 'deferred' })
  }

  async #write(beside: (tx: Tx) => Promise<void>): Promise<void> {
    const pack = await encodePack(this.#objects)
    this.#objects = []
    this.#bytes = 0
    const write = async (tx: Tx) => {
      await insertChunks(tx, this.#project, pack)
      await beside(tx)
    }
    // The commit that publishes the pack waits for the disk, and for all that was written before it.
    await this.#database.inWorkspace(this.#project.workspaceId, write, { durability: 'deferred' })
    this.written.push({ sha: pack.sha, packBytes: pack.pack.length, indexBytes: pack.index.length })
  }
}

async function insertChunks(tx: Tx, project: ProjectKey, { sha, pack, index }: Pack): Promise<void> {
  const size = repositoryQueries.packChunkBytesMax
  for (const [part, content] of [
    ['pack', pack],
    ['index', index],
  ] as const) {
    for (let n = 0; n * size < content.length; n++) {
      const data = content.subarray(n * size, (n + 1) * size)
      await repositoryQueries.insertPackChunk(tx, project, { sha, part, n, data })
    }
  }
}

/** What a snapshot that is being made writes is younger than this by far. */
const hiddenHoursMax = 24

/** Deletes packs that were written and never published, because their process died or was overtaken. */
export async function sweepPacks(tx: Tx, { projectId }: ProjectKey): Promise<void> {
  await repositoryQueries.sweepHiddenChunks(tx, projectId, hiddenHoursMax)
}
