/**
 * The Git store: refs and packs in PostgreSQL, read through a cache of bare repositories on disk. Whatever Git says
 * about a damaged directory is answered once by a fresh directory; what is still wrong then is in the rows, and is
 * thrown.
 */
import { access, readdir } from 'node:fs/promises'
import path from 'node:path'
import { type Database, repositoryQueries, type Tx } from '@skein/db'
import { type GitObject, isOid } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import type {
  FetchDirectory,
  FetchedCommit,
  FileLines,
  GitStore,
  LargeBlob,
  LineCount,
  RepositoryKey,
  TreeDifference,
  TreeEntry,
} from '../../commands/git-store.ts'
import type { SnapshotObjects } from '../../commands/snapshot/snapshot-objects.ts'
import * as diff from './bare-diff.ts'
import * as range from './bare-range.ts'
import * as bare from './bare-repository.ts'
import { FetchDirectories, type FetchFolder } from './fetch-directories.ts'
import { GitError, GitProgram } from './git-program.ts'
import { joinBases, mergeBases } from './join-bases.ts'
import { ObjectReader } from './object-reader.ts'
import { fileToRows, type StoredPack } from './pack-transfer.ts'
import { findHidden, findHiddenInPush } from './reachable.ts'
import { RepositoryCache } from './repository-cache.ts'

export interface PostgresGitStoreOptions {
  database: Database
  /** Folder for the disk cache; everything in it may be deleted while the server is down. */
  cacheDir: string
  /** Most bytes of packs in the disk cache; default 10 GiB. */
  cacheBytesMax?: number
  /** A repository that nobody has used for so long leaves the cache; default 30 days. */
  cacheAgeMaxMs?: number
  /** Most bytes of objects kept in memory; default 64 MiB. */
  memoryBytesMax?: number
  /** PATH of the server's own environment. */
  searchPath: string
}

export class PostgresGitStore implements GitStore, SnapshotObjects {
  readonly #database: Database
  readonly #git: GitProgram
  readonly #cache: RepositoryCache
  readonly #objects: ObjectReader
  readonly #fetches: FetchDirectories

  constructor(options: PostgresGitStoreOptions) {
    this.#database = options.database
    this.#git = new GitProgram(options.searchPath)
    this.#cache = new RepositoryCache({
      database: options.database,
      git: this.#git,
      root: options.cacheDir,
      bytesMax: options.cacheBytesMax ?? 10 * 1024 ** 3,
      ageMaxMs: options.cacheAgeMaxMs ?? 30 * 24 * 3_600_000,
      onRetire: (project) => this.#objects.forget(project),
    })
    this.#objects = new ObjectReader({
      git: this.#git,
      cacheBytesMax: options.memoryBytesMax ?? 64 * 1024 ** 2,
      bodyBytesMax: bare.objectBytesMax,
    })
    this.#fetches = new FetchDirectories(this.#git, path.join(options.cacheDir, 'fetch'))
  }

  head(repository: RepositoryKey, branch: string): Promise<Oid | null> {
    return this.#database.inWorkspace(
      repository.workspaceId,
      (tx) => repositoryQueries.findRef(tx, repository.projectId, `refs/heads/${branch}`),
      { readOnly: true },
    )
  }

  async readBlobs(
    repository: RepositoryKey,
    oids: readonly Oid[],
    onBlob: (oid: Oid, content: Uint8Array) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void> {
    let hasBegun = false
    const read = (directory: string) =>
      bare.readBlobs({ git: this.#git, directory, signal }, oids, (oid, content) => {
        hasBegun = true
        return onBlob(oid, content)
      })
    try {
      await this.withDirectory(repository, read)
    } catch (error) {
      if (hasBegun || !(await this.#isMended(repository, error))) throw error
      await this.withDirectory(repository, read)
    }
  }

  async *listTree(repository: RepositoryKey, commit: Oid): AsyncGenerator<TreeEntry> {
    yield* this.#stream(repository, (directory) => bare.listTree({ git: this.#git, directory }, commit))
  }

  async *listCommits(repository: RepositoryKey, tip: Oid, exclude: readonly Oid[] = []): AsyncGenerator<FetchedCommit> {
    yield* this.#stream(repository, (directory) => bare.listCommits({ git: this.#git, directory }, tip, exclude))
  }

  isAncestor(repository: RepositoryKey, ancestor: Oid, descendant: Oid): Promise<boolean> {
    return this.withDirectory(repository, (directory) =>
      bare.isAncestor({ git: this.#git, directory }, ancestor, descendant),
    )
  }

  mergeBase(repository: RepositoryKey, one: Oid, other: Oid): Promise<Oid | null> {
    return this.withDirectory(repository, (directory) => diff.mergeBase({ git: this.#git, directory }, one, other))
  }

  mergeBases(repository: RepositoryKey, one: Oid, others: readonly Oid[]): Promise<Oid[]> {
    return this.withDirectory(repository, (directory) => mergeBases({ git: this.#git, directory }, one, others))
  }

  joinBases(repository: RepositoryKey, bases: readonly Oid[]): Promise<Oid> {
    return this.withDirectory(repository, (directory) => joinBases({ git: this.#git, directory }, bases))
  }

  async *diffTrees(repository: RepositoryKey, from: Oid | null, to: Oid): AsyncGenerator<TreeDifference> {
    yield* this.#stream(repository, (directory) => diff.diffTrees({ git: this.#git, directory }, from, to))
  }

  countLines(repository: RepositoryKey, from: Oid | null, to: Oid): Promise<LineCount> {
    return this.withDirectory(repository, (directory) => diff.countLines({ git: this.#git, directory }, from, to))
  }

  countLinesByFile(repository: RepositoryKey, from: Oid | null, to: Oid): Promise<ReadonlyMap<string, FileLines>> {
    return this.withDirectory(repository, (directory) => diff.countLinesByFile({ git: this.#git, directory }, from, to))
  }

  countCommits(repository: RepositoryKey, tip: Oid, except: Oid | null): Promise<number> {
    return this.withDirectory(repository, (directory) => diff.countCommits({ git: this.#git, directory }, tip, except))
  }

  async *listTouched(repository: RepositoryKey, commits: readonly Oid[]): AsyncGenerator<Uint8Array> {
    yield* this.#stream(repository, (directory) => diff.listTouched({ git: this.#git, directory }, commits))
  }

  async *listContents(
    repository: RepositoryKey,
    tip: Oid,
    since: readonly Oid[],
  ): AsyncGenerator<{ path: Uint8Array; oid: Oid }> {
    yield* this.#stream(repository, (directory) => diff.listContents({ git: this.#git, directory }, tip, since))
  }

  hasCommit(repository: RepositoryKey, oid: Oid): Promise<boolean> {
    return this.withDirectory(repository, (directory) => range.hasCommit({ git: this.#git, directory }, oid))
  }

  listLargeBlobs(repository: RepositoryKey, tip: Oid, exclude: readonly Oid[], bytesMin: number): Promise<LargeBlob[]> {
    return this.withDirectory(repository, (directory) =>
      range.listLargeBlobs({ git: this.#git, directory }, tip, exclude, bytesMin),
    )
  }

  findHidden(repository: RepositoryKey, oids: Iterable<Oid>): Promise<Oid | null> {
    return this.withDirectory(repository, (directory) => findHidden({ git: this.#git, directory }, oids))
  }

  async withDirectory<T>(repository: RepositoryKey, work: (directory: string) => Promise<T>): Promise<T> {
    const use = () => this.#cache.use(repository, async (directory) => ({ value: await work(directory) }))
    let result = await use()
    if (!result) {
      // A project that was never committed has an empty repository, which can be cloned too.
      await this.#database.inWorkspace(repository.workspaceId, (tx) =>
        repositoryQueries.ensureRepository(tx, repository),
      )
      result = await use()
    }
    if (!result) throw new Error(`project ${repository.projectId} has no repository`)
    return result.value
  }

  /** After Git failed: sets the directory aside when it was at fault, and says whether trying again has a chance. */
  async #isMended(repository: RepositoryKey, error: unknown): Promise<boolean> {
    if (!(error instanceof GitError && error.isAboutDamage)) return false
    await this.#cache.discard(repository.projectId)
    return true
  }

  async readObject(repository: RepositoryKey, kind: 'tree' | 'commit', oid: string): Promise<Uint8Array> {
    const known = this.#objects.recall(repository.projectId, oid)
    const found =
      known ??
      (await this.#readFromDisk(repository, oid).catch(() => null)) ??
      (await this.#readFromFreshDirectory(repository, oid))
    if (found?.kind !== kind) throw new Error(`${kind} ${oid} of project ${repository.projectId} is not there`)
    return found.body
  }

  noteObjects(repository: RepositoryKey, objects: readonly GitObject[]): void {
    for (const object of objects) this.#objects.note(repository.projectId, object.oid, object)
  }

  async storeFetched(
    repository: RepositoryKey,
    fetched: { bareDirectory: string; branch: string; tip: Oid; actor: string; reason: string; signal?: AbortSignal },
    inTransaction: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const { bareDirectory, branch, tip, actor, reason, signal } = fetched
    await this.#checkFetched(bareDirectory, tip, signal)
    const folder = path.join(bareDirectory, 'objects/pack')
    const kept = { folder, shas: await listPackFiles(bareDirectory), ref: `refs/heads/${branch}`, tip, actor, reason }
    await this.#keep(repository, { ...kept, signal }, inTransaction)
  }

  async withFetchDirectory<T>(
    repository: RepositoryKey,
    signal: AbortSignal | undefined,
    work: (fetch: FetchDirectory) => Promise<T>,
  ): Promise<T> {
    const made = await this.withDirectory(repository, (directory) => this.#fetches.make(directory))
    try {
      return await work(this.#describeFetch(repository, made, signal))
    } finally {
      await made.remove()
    }
  }

  #describeFetch(repository: RepositoryKey, made: FetchFolder, signal: AbortSignal | undefined): FetchDirectory {
    const place = this.#fetches.placeOf(made, signal)
    return {
      directory: made.directory,
      findProblem: async (commit, limits) =>
        (await bare.findCommitProblem(place, commit, made.known)) ?? bare.findTreeProblem(place, commit, limits),
      isAncestor: (ancestor, descendant) => bare.isAncestor(place, ancestor, descendant),
      findHidden: (tip) => findHiddenInPush(place, tip),
      listCommits: (tip) => bare.listCommits(place, tip, made.known),
      keep: async (fetched, inTransaction) => {
        const pack = await this.#fetches.pack(made, fetched.tip, fetched.signal)
        const kept = { folder: pack?.folder ?? '', shas: pack === null ? [] : [pack.sha], ...fetched }
        await this.#keep(repository, kept, inTransaction)
      },
    }
  }

  /** Writes packs as rows that nobody sees, then shows them and moves the ref in one transaction. */
  async #keep(
    repository: RepositoryKey,
    kept: {
      folder: string
      shas: readonly string[]
      ref: string
      tip: Oid
      actor: string
      reason: string
      signal?: AbortSignal | undefined
    },
    inTransaction: (tx: Tx, from: Oid | null) => Promise<void>,
  ): Promise<void> {
    const { folder, shas, ref: name, tip, actor, reason, signal } = kept
    const { projectId, workspaceId } = repository
    await this.#database.inWorkspace(workspaceId, async (tx) => {
      await repositoryQueries.ensureRepository(tx, repository)
      await repositoryQueries.sweepHiddenChunks(tx, projectId, 24)
    })
    const packs: StoredPack[] = []
    try {
      for (const sha of shas) {
        packs.push({ sha, packBytes: 0, indexBytes: 0 })
        packs[packs.length - 1] = await this.#storePack(repository, folder, sha, signal)
      }
      await this.#database.inWorkspace(workspaceId, async (tx) => {
        await repositoryQueries.advanceGeneration(tx, projectId, null)
        for (const pack of packs) await repositoryQueries.insertPack(tx, repository, { ...pack, source: 'fetch' })
        const from = await repositoryQueries.findRef(tx, projectId, name)
        await repositoryQueries.moveRef(tx, repository, { name, from, to: tip })
        await repositoryQueries.insertReflog(tx, repository, { name, from, to: tip, actor, reason })
        await inTransaction(tx, from)
        signal?.throwIfAborted()
      })
    } catch (error) {
      await this.#dropHidden(repository, packs)
      throw error
    }
  }

  /** Ends the processes that read objects. */
  close(): void {
    this.#objects.close()
  }

  /** SN10: nothing is borrowed from elsewhere, everything is in packs, and all that the tip reaches is there. */
  async #checkFetched(directory: string, tip: Oid, signal: AbortSignal | undefined): Promise<void> {
    if (!isOid(tip)) throw new GitError(`${JSON.stringify(tip)} is not an oid`, null)
    const borrows = await access(path.join(directory, 'objects/info/alternates')).then(
      () => true,
      () => false,
    )
    if (borrows) throw new GitError('a fetched repository must not borrow objects', null)
    const loose = (await readdir(path.join(directory, 'objects'))).some((name) => /^[0-9a-f]{2}$/.test(name))
    if (loose) await this.#git.run({ args: ['repack', '-a', '-d', '-q'], directory, signal })
    const args = ['rev-list', '--objects', '--quiet', '--end-of-options', tip]
    await this.#git.run({ args, directory, signal })
  }

  async #storePack(
    repository: RepositoryKey,
    folder: string,
    sha: string,
    signal: AbortSignal | undefined,
  ): Promise<StoredPack> {
    const stem = path.join(folder, `pack-${sha}`)
    const packBytes = await fileToRows(this.#database, repository, { sha, part: 'pack', file: `${stem}.pack`, signal })
    const indexBytes = await fileToRows(this.#database, repository, { sha, part: 'index', file: `${stem}.idx`, signal })
    return { sha, packBytes, indexBytes }
  }

  /**
   * What a failed import leaves is also swept by the next one; this only spares the space until then. The next one may
   * have fetched the very same packs by now: it has made them visible when the lock is ours, or finds them gone.
   */
  async #dropHidden(repository: RepositoryKey, packs: readonly StoredPack[]): Promise<void> {
    await this.#database
      .inWorkspace(repository.workspaceId, async (tx) => {
        await repositoryQueries.lockRepository(tx, repository.projectId)
        for (const { sha } of packs) await repositoryQueries.deleteHiddenChunks(tx, repository.projectId, sha)
      })
      .catch(() => {})
  }

  #readFromDisk(repository: RepositoryKey, oid: string) {
    return this.withDirectory(repository, (directory) => this.#objects.read(repository.projectId, directory, oid))
  }

  /** An object that the rows promise and the directory does not give is a sign of damage. */
  async #readFromFreshDirectory(repository: RepositoryKey, oid: string) {
    await this.#cache.discard(repository.projectId)
    return this.#readFromDisk(repository, oid)
  }

  /**
   * A walk that holds its directory until it ends; begun again once when the directory was damaged and nothing was said
   * yet.
   */
  async *#stream<T>(repository: RepositoryKey, walk: (directory: string) => AsyncGenerator<T>): AsyncGenerator<T> {
    let hasBegun = false
    try {
      for await (const item of this.#walkOnce(repository, walk)) {
        hasBegun = true
        yield item
      }
    } catch (error) {
      if (hasBegun || !(await this.#isMended(repository, error))) throw error
      yield* this.#walkOnce(repository, walk)
    }
  }

  async *#walkOnce<T>(repository: RepositoryKey, walk: (directory: string) => AsyncGenerator<T>): AsyncGenerator<T> {
    const held = Promise.withResolvers<void>()
    const ready = Promise.withResolvers<string>()
    const using = this.withDirectory(repository, (directory) => {
      ready.resolve(directory)
      return held.promise
    })
    using.catch(ready.reject)
    try {
      yield* walk(await ready.promise)
    } finally {
      held.resolve()
      await using.catch(() => {})
    }
  }
}

async function listPackFiles(directory: string): Promise<string[]> {
  const names = await readdir(path.join(directory, 'objects/pack')).catch(() => [])
  return names.flatMap((name) => /^pack-([0-9a-f]{40})\.pack$/.exec(name)?.[1] ?? []).sort()
}
