/**
 * Repacking with Git, in a folder of its own: packs come from rows, the new one goes back into rows, and one transaction swaps them. Nothing is
 * believed: the new pack must hold every object of those that it replaces, or, when the rest is left out, all that the roots reach.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Database, packQueries, repositoryQueries, type Tx } from '@skein/db'
import type { RepositoryKey } from '../../commands/git-store.ts'
import { choosePacks } from '../../commands/packs/choose-packs.ts'
import type { PackingReport, PackingStep, Repacker } from '../../commands/packs/repacker.ts'
import type { GitProgram } from './git-program.ts'
import { indexToOids } from './pack-index.ts'
import { fileToRows, rowsToFiles, type StoredPack } from './pack-transfer.ts'

export interface GitRepackerOptions {
  database: Database
  git: GitProgram
  /** Folder for the work; everything in it may be deleted while the server is down. */
  scratchDir: string
  /** History of refs whose commits are kept. */
  reflogDays: number
  /** Called at each step; a test throws here where a kill would strike. */
  onStep?: (step: PackingStep) => Promise<void> | void
}

type Row = packQueries.LivePack

/** Repositories above this are only joined: to look through all of one would hold a worker for long. */
const collectBytesMax = 2 * 1024 ** 3
const packTimeMaxMs = 30 * 60_000

export class GitRepacker implements Repacker {
  readonly #options: GitRepackerOptions
  #cleared: Promise<void> | undefined

  constructor(options: GitRepackerOptions) {
    this.#options = options
  }

  async join(repository: RepositoryKey): Promise<PackingReport> {
    const found = await this.#read(repository)
    const chosen = choosePacks(found.packs)
    if (chosen.length === 0) return this.#settle(repository, false)
    return this.#inFolder(async (folder) => {
      await rowsToFiles(this.#options.database, repository, chosen, path.join(folder, 'objects/pack'))
      const sha = await this.#pack(folder, ['--stdin-packs'], chosen.map((pack) => `pack-${pack.sha}.pack\n`).join(''))
      await this.#options.onStep?.('built')
      await checkHoldsAll(folder, sha, chosen)
      return this.#swap(repository, folder, sha, chosen, { roots: null })
    })
  }

  async collect(repository: RepositoryKey): Promise<PackingReport> {
    const found = await this.#read(repository)
    const bytes = sumBytes(found.packs)
    if (found.packs.length === 0 || bytes > collectBytesMax) return this.#settle(repository, true)
    return this.#inFolder(async (folder) => {
      await rowsToFiles(
        this.#options.database,
        repository,
        found.packs.toSorted((a, b) => a.gen - b.gen),
        path.join(folder, 'objects/pack'),
      )
      const roots = found.roots.map((oid) => `${oid}\n`).join('')
      const sha = await this.#pack(folder, ['--revs'], roots)
      await this.#options.onStep?.('built')
      await this.#checkReaches(folder, sha, found.packs, roots)
      return this.#swap(repository, folder, sha, found.packs, { roots: found.roots })
    })
  }

  async #read({ projectId, workspaceId }: RepositoryKey): Promise<{ packs: Row[]; roots: string[] }> {
    const { database, reflogDays } = this.#options
    return database.inWorkspace(
      workspaceId,
      async (tx) => ({
        packs: (await packQueries.findPacking(tx, projectId))?.packs ?? [],
        roots: await packQueries.listRoots(tx, projectId, reflogDays),
      }),
      { isolation: 'repeatable read', readOnly: true },
    )
  }

  async #settle({ projectId, workspaceId }: RepositoryKey, isCollected: boolean): Promise<PackingReport> {
    await this.#options.database.inWorkspace(workspaceId, (tx) => packQueries.recordPacking(tx, projectId, isCollected))
    return { outcome: 'nothing' }
  }

  async #inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const { scratchDir } = this.#options
    // What a process before this one left half-way.
    this.#cleared ??= rm(scratchDir, { recursive: true, force: true })
    await this.#cleared
    const folder = path.join(scratchDir, randomUUID())
    try {
      await mkdir(path.join(folder, 'objects/pack'), { recursive: true })
      await mkdir(path.join(folder, 'refs'), { recursive: true })
      await writeFile(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n')
      await writeFile(path.join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
      return await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** The name of the new pack, which lies in the folder itself. */
  async #pack(folder: string, args: readonly string[], input: string): Promise<string> {
    const { stdout } = await this.#options.git.run({
      args: ['pack-objects', '--quiet', '--delta-base-offset', '--no-write-bitmap-index', ...args, 'pack'],
      directory: folder,
      input,
      timeMaxMs: packTimeMaxMs,
    })
    return stdout.toString().trim()
  }

  /** The new pack alone must be enough for all roots; what was there before is taken out of Git's sight. */
  async #checkReaches(folder: string, sha: string, before: readonly Row[], roots: string): Promise<void> {
    const packs = path.join(folder, 'objects/pack')
    for (const pack of before) {
      for (const end of ['pack', 'idx']) await rm(path.join(packs, `pack-${pack.sha}.${end}`), { force: true })
    }
    for (const end of ['pack', 'idx']) {
      await writeFile(path.join(packs, `pack-${sha}.${end}`), await readFile(path.join(folder, `pack-${sha}.${end}`)))
    }
    await this.#options.git.run({
      args: ['rev-list', '--objects', '--quiet', '--stdin'],
      directory: folder,
      input: roots,
      timeMaxMs: packTimeMaxMs,
    })
  }

  async #swap(
    repository: RepositoryKey,
    folder: string,
    sha: string,
    before: readonly Row[],
    { roots }: { roots: readonly string[] | null },
  ): Promise<PackingReport> {
    const { database, onStep } = this.#options
    // The same objects in the same order: nothing to gain.
    if (before.some((pack) => pack.sha === sha)) return this.#settle(repository, roots !== null)
    const stored = await storePack(database, repository, folder, sha)
    await onStep?.('stored')
    const isSwapped = await database.inWorkspace(repository.workspaceId, async (tx) => {
      const done = await this.#swapIn(tx, repository, stored, before, roots)
      await onStep?.('swapping')
      return done
    })
    await onStep?.('swapped')
    if (!isSwapped) return { outcome: 'overtaken' }
    return {
      outcome: 'packed',
      packsBefore: before.length,
      bytesBefore: sumBytes(before),
      bytesAfter: stored.packBytes + stored.indexBytes,
    }
  }

  async #swapIn(
    tx: Tx,
    repository: RepositoryKey,
    stored: StoredPack,
    before: readonly Row[],
    roots: readonly string[] | null,
  ): Promise<boolean> {
    const { projectId } = repository
    await repositoryQueries.lockRepository(tx, projectId)
    const live = new Set(((await packQueries.findPacking(tx, projectId))?.packs ?? []).map((pack) => pack.sha))
    const isCurrent = before.every((pack) => live.has(pack.sha)) && (await this.#areRoots(tx, repository, roots))
    if (!isCurrent) {
      await repositoryQueries.deleteHiddenChunks(tx, projectId, stored.sha)
      return false
    }
    if (!(await repositoryQueries.advanceGeneration(tx, projectId, null))) return false
    await repositoryQueries.insertPack(tx, repository, { ...stored, source: 'repack' })
    await packQueries.killPacks(
      tx,
      projectId,
      before.map((pack) => pack.sha),
    )
    await packQueries.recordPacking(tx, projectId, roots !== null)
    return true
  }

  /** Whoever came to lean on an object since may lean on one that was left out. */
  async #areRoots(tx: Tx, { projectId }: RepositoryKey, roots: readonly string[] | null): Promise<boolean> {
    if (roots === null) return true
    const known = new Set(roots)
    return (await packQueries.listRoots(tx, projectId, this.#options.reflogDays)).every((oid) => known.has(oid))
  }
}

async function checkHoldsAll(folder: string, sha: string, packs: readonly Row[]): Promise<void> {
  const held = new Set(indexToOids(await readFile(path.join(folder, `pack-${sha}.idx`))))
  const names = new Set(await readdir(path.join(folder, 'objects/pack')))
  for (const pack of packs) {
    const name = `pack-${pack.sha}.idx`
    if (!names.has(name)) throw new Error(`pack ${pack.sha} was not there to be joined`)
    const missing = indexToOids(await readFile(path.join(folder, 'objects/pack', name))).find((oid) => !held.has(oid))
    if (missing) throw new Error(`the joined pack ${sha} lacks ${missing} of pack ${pack.sha}`)
  }
}

async function storePack(
  database: Database,
  repository: RepositoryKey,
  folder: string,
  sha: string,
): Promise<StoredPack> {
  const stem = path.join(folder, `pack-${sha}`)
  const packBytes = await fileToRows(database, repository, { sha, part: 'pack', file: `${stem}.pack` })
  const indexBytes = await fileToRows(database, repository, { sha, part: 'index', file: `${stem}.idx` })
  return { sha, packBytes, indexBytes }
}

const sumBytes = (packs: readonly Row[]): number =>
  packs.reduce((sum, { packBytes, indexBytes }) => sum + packBytes + indexBytes, 0)
