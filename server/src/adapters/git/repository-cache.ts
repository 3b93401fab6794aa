/**
 * Bare repositories on disk, each a copy of the rows as of one generation (SN5). Rows are the truth: a directory is
 * brought to the current generation before anybody gets it, and anything odd about it (no marker, a marker from the
 * future, a pack of another size, Git complaining) has it set aside and made anew. Losing them all loses nothing.
 *
 * One writer per directory: this process writes under a lock per project. Another process that shares the folder does
 * no harm, because every file appears whole by a rename and packs are named by their content.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Database, repositoryQueries } from '@skein/db'
import type { ProjectId } from '@skein/protocol'
import type { RepositoryKey } from '../../commands/git-store.ts'
import type { GitProgram } from './git-program.ts'
import { rowsToFiles } from './pack-transfer.ts'

export interface RepositoryCacheOptions {
  database: Database
  git: GitProgram
  /** Folder of all repositories. */
  root: string
  /** Most bytes of packs on disk; the repositories that were not used for longest go first. Those in use stay. */
  bytesMax: number
  /** Repositories that nobody has used for so long go too. */
  ageMaxMs: number
  /** Told before a directory goes, so that nobody keeps reading from it. */
  onRetire: (project: ProjectId) => void
}

interface Entry {
  directory: string
  gen: number
  bytes: number
  users: number
  usedAt: number
  /** Packs that no multi-pack index covers yet. */
  packsUnlisted: number
  /** Set aside: deleted when the last user is gone. */
  isRetired: boolean
}

const markerName = 'skein-generation'
const asideFolder = 'aside'
/** The first time as it is found, then made anew, then once more because another process was quicker. */
const attemptsMax = 3
/** Every snapshot adds a pack; with so many new ones Git's look-ups begin to take their time. */
const packsUnlistedMax = 50

// Clients may fetch any branch, at any commit a ref names; where GitHub stands and old tips that were set aside are not shown.
const repositoryConfig = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[transfer]
\thideRefs = refs/pinned
\thideRefs = refs/remotes
[uploadpack]
\tallowFilter = true
[http]
\treceivepack = false
`

export class RepositoryCache {
  readonly #options: RepositoryCacheOptions
  /** In order of use, the oldest first. */
  readonly #entries = new Map<ProjectId, Entry>()
  readonly #turns = new Map<ProjectId, Promise<unknown>>()
  #prepared: Promise<void> | undefined

  constructor(options: RepositoryCacheOptions) {
    this.#options = options
  }

  /**
   * Runs `work` with a directory that holds at least the refs of this moment; null when the project has no repository.
   */
  async use<T>(repository: RepositoryKey, work: (directory: string) => Promise<T>): Promise<T | null> {
    const entry = await this.#inTurn(repository.projectId, async () => {
      const current = await this.#bringToCurrent(repository)
      if (current) current.users++
      return current
    })
    if (!entry) return null
    try {
      return await work(entry.directory)
    } finally {
      entry.users--
      if (entry.isRetired && entry.users === 0) await rm(entry.directory, { recursive: true, force: true })
    }
  }

  /** Sets a directory aside because something about it is odd; the next user gets a new one. */
  async discard(project: ProjectId): Promise<void> {
    await this.#inTurn(project, async () => {
      const entry = this.#entries.get(project)
      this.#entries.delete(project)
      await this.#retire(project, entry)
    })
  }

  #directoryOf(project: ProjectId): string {
    return path.join(this.#options.root, `${project}.git`)
  }

  async #inTurn<T>(project: ProjectId, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(project) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    this.#turns.set(project, settled)
    try {
      return await mine
    } finally {
      if (this.#turns.get(project) === settled) this.#turns.delete(project)
    }
  }

  async #bringToCurrent(repository: RepositoryKey): Promise<Entry | null> {
    this.#prepared ??= this.#prepare()
    await this.#prepared
    const { projectId } = repository
    const known = this.#entries.get(projectId)
    const isTrusted = known && known.gen >= 0 && (await readMarker(known.directory)) === known.gen
    let entry = isTrusted ? known : null
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#update(repository, entry ?? (await this.#find(repository)))
      } catch (error) {
        if (attempt === attemptsMax) throw error
        if (!isTaken(error)) await this.#retire(projectId, known)
        entry = null
      }
    }
  }

  async #readRows(repository: RepositoryKey, afterGen: number): Promise<Rows | null> {
    return this.#options.database.inWorkspace(
      repository.workspaceId,
      async (tx) => {
        const refs = await repositoryQueries.findRefs(tx, repository.projectId)
        if (!refs) return null
        if (refs.gen === afterGen) return { ...refs, packs: [], live: [] }
        const all = await repositoryQueries.listPacksAfter(tx, repository.projectId, 0)
        return { ...refs, packs: all.filter(({ gen }) => gen > afterGen), live: all.map(({ sha }) => sha) }
      },
      { isolation: 'repeatable read', readOnly: true },
    )
  }

  /** The directory as somebody left it, if it is what it says it is; else a new place aside. */
  async #find(repository: RepositoryKey): Promise<Entry> {
    const { projectId } = repository
    const directory = this.#directoryOf(projectId)
    const gen = await readMarker(directory)
    const rows = gen < 0 ? null : await this.#readRows(repository, 0)
    const packs = rows?.packs.filter((pack) => pack.gen <= gen) ?? []
    if (rows && gen <= rows.gen && (await holdsPacks(directory, packs))) {
      return {
        directory,
        gen,
        bytes: sumBytes(packs),
        users: 0,
        usedAt: Date.now(),
        packsUnlisted: packs.length,
        isRetired: false,
      }
    }
    await this.#retire(projectId, this.#entries.get(projectId))
    const aside = path.join(this.#options.root, asideFolder, `${projectId}.${randomUUID()}`)
    return { directory: aside, gen: -1, bytes: 0, users: 0, usedAt: Date.now(), packsUnlisted: 0, isRetired: false }
  }

  /** Adds packs in the order of their generations, then points the refs at them, then says so in the marker. */
  async #update(repository: RepositoryKey, entry: Entry): Promise<Entry | null> {
    const rows = await this.#readRows(repository, entry.gen)
    if (!rows) return null
    if (entry.gen > rows.gen) throw new Error('the directory is newer than the rows')
    const place = this.#directoryOf(repository.projectId)
    if (entry.directory === place) {
      if (entry.gen < rows.gen) await this.#write(repository, entry, rows)
      return this.#touch(repository.projectId, entry)
    }
    try {
      await this.#write(repository, entry, rows)
      // Whole before anybody can find it, so that two processes that make it at once do not meet half-way.
      await rename(entry.directory, place)
    } catch (error) {
      await rm(entry.directory, { recursive: true, force: true })
      throw error
    }
    entry.directory = place
    return this.#touch(repository.projectId, entry)
  }

  async #write(repository: RepositoryKey, entry: Entry, rows: Rows): Promise<void> {
    const { directory } = entry
    const packFolder = path.join(directory, 'objects/pack')
    await mkdir(packFolder, { recursive: true })
    await mkdir(path.join(directory, 'refs/heads'), { recursive: true })
    await rowsToFiles(this.#options.database, repository, rows.packs, packFolder)
    entry.packsUnlisted += rows.packs.length
    entry.bytes += sumBytes(rows.packs)
    const refs = rows.refs.map(({ name, oid }) => `${oid} ${name}\n`).join('')
    await replaceFile(path.join(directory, 'config'), repositoryConfig)
    await replaceFile(path.join(directory, 'packed-refs'), `# pack-refs with: sorted \n${refs}`)
    await replaceFile(path.join(directory, 'HEAD'), `ref: refs/heads/${rows.defaultBranch}\n`)
    if (entry.packsUnlisted > packsUnlistedMax || (await this.#dropDead(entry, rows))) await this.#listPacks(entry)
    await replaceFile(path.join(directory, markerName), String(rows.gen))
    entry.gen = rows.gen
  }

  /** Packs that were joined into another one lie there twice; with nobody reading they can go. True when some went. */
  async #dropDead(entry: Entry, { packs, live }: Rows): Promise<boolean> {
    if (entry.users > 0 || !packs.some(({ source }) => source === 'repack')) return false
    const folder = path.join(entry.directory, 'objects/pack')
    const dead = (await listPackNames(folder)).filter((sha) => !live.includes(sha))
    if (dead.length === 0) return false
    // First what names them: a list of all objects that leads to a pack which is gone reads as damage.
    await rm(path.join(folder, 'multi-pack-index'), { force: true })
    for (const sha of dead) {
      for (const end of ['idx', 'pack']) await rm(path.join(folder, `pack-${sha}.${end}`), { force: true })
    }
    entry.bytes = await packBytes(entry.directory)
    return true
  }

  /** Lists all objects in one index, without which Git asks every pack in turn: slower, and nothing else. */
  async #listPacks(entry: Entry): Promise<void> {
    const args = ['multi-pack-index', 'write']
    const isListed = await this.#options.git.run({ args, directory: entry.directory }).then(
      () => true,
      () => false,
    )
    if (isListed) entry.packsUnlisted = 0
  }

  async #touch(project: ProjectId, entry: Entry): Promise<Entry> {
    this.#entries.delete(project)
    this.#entries.set(project, entry)
    // The time of the marker orders the directories for the process after this one.
    const now = new Date()
    entry.usedAt = now.getTime()
    await utimes(path.join(entry.directory, markerName), now, now).catch(() => {})
    this.#makeRoom(project)
    return entry
  }

  /** Not awaited: two projects that make room at the expense of each other would wait for each other's turn. */
  #makeRoom(except: ProjectId): void {
    let bytes = 0
    for (const entry of this.#entries.values()) bytes += entry.bytes
    const oldest = Date.now() - this.#options.ageMaxMs
    for (const [project, entry] of this.#entries) {
      if (bytes <= this.#options.bytesMax && entry.usedAt >= oldest) return
      if (project === except || entry.users > 0) continue
      bytes -= entry.bytes
      const evict = async () => {
        if (entry.users > 0 || this.#entries.get(project) !== entry) return
        this.#entries.delete(project)
        await this.#retire(project, entry)
      }
      this.#inTurn(project, evict).catch(() => {})
    }
  }

  /** Renames first: a reader keeps the files that it has open, and no new reader finds them. */
  async #retire(project: ProjectId, entry: Entry | undefined): Promise<void> {
    this.#options.onRetire(project)
    const aside = path.join(this.#options.root, asideFolder, `${project}.${randomUUID()}`)
    try {
      await rename(this.#directoryOf(project), aside)
    } catch {
      return // it was not there
    }
    if (entry && entry.users > 0) {
      entry.directory = aside
      entry.isRetired = true
    } else {
      await rm(aside, { recursive: true, force: true })
    }
  }

  /** Clears what a process before this one set aside, and learns which directories there are, the oldest use first. */
  async #prepare(): Promise<void> {
    const { root } = this.#options
    await rm(path.join(root, asideFolder), { recursive: true, force: true })
    await mkdir(path.join(root, asideFolder), { recursive: true })
    const names = (await readdir(root)).filter((name) => name.endsWith('.git'))
    const found = await Promise.all(
      names.map(async (name) => {
        const directory = path.join(root, name)
        const usedAt = await stat(path.join(directory, markerName)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        )
        return {
          project: name.slice(0, -'.git'.length) as ProjectId,
          directory,
          usedAt,
          bytes: await packBytes(directory),
        }
      }),
    )
    // Generation −1 is nobody's: the first use looks closely before it believes the directory.
    for (const { project, directory, bytes, usedAt } of found.sort((a, b) => a.usedAt - b.usedAt)) {
      this.#entries.set(project, { directory, gen: -1, bytes, users: 0, usedAt, packsUnlisted: 0, isRetired: false })
    }
  }
}

interface Rows {
  gen: number
  defaultBranch: string
  refs: { name: string; oid: string }[]
  /** Those that the directory lacks, in order. */
  packs: repositoryQueries.PackRow[]
  /** Names of all that are alive, when some are lacking. */
  live: string[]
}

/** Another process has put the directory in place in between. */
function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))
}

async function holdsPacks(directory: string, packs: readonly repositoryQueries.PackRow[]): Promise<boolean> {
  for (const { sha, packBytes: size, indexBytes } of packs) {
    const stem = path.join(directory, 'objects/pack', `pack-${sha}`)
    if ((await sizeOf(`${stem}.pack`)) !== size || (await sizeOf(`${stem}.idx`)) !== indexBytes) return false
  }
  return true
}

async function listPackNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => /^pack-([0-9a-f]{40})\.idx$/.exec(name)?.[1] ?? [])
}

async function packBytes(directory: string): Promise<number> {
  const folder = path.join(directory, 'objects/pack')
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(names.map((name) => sizeOf(path.join(folder, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )

const sumBytes = (packs: readonly repositoryQueries.PackRow[]): number =>
  packs.reduce((sum, pack) => sum + pack.packBytes + pack.indexBytes, 0)

/** The generation that a directory says it holds; −1 when it does not say. */
async function readMarker(directory: string): Promise<number> {
  const text = await readFile(path.join(directory, markerName), 'utf8').catch(() => '')
  return /^\d{1,15}$/.test(text) ? Number(text) : -1
}

async function replaceFile(file: string, content: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}.tmp`
  await writeFile(unfinished, content)
  await rename(unfinished, file)
}
