/**
 * Folders for one fetch each: a bare repository that borrows what we have and shows our refs, so that a remote sends only what is new. What it
 * borrows are hard links beside it, so that nothing that happens to the disk cache meanwhile is felt here, and the other way round. What is
 * kept of a fetch is one pack that Git writes of exactly what the tip reaches and our refs do not: complete by itself, nothing else in it. Each process
 * has its own folder for them, named so that the next one sees that it is dead: what a killed process leaves has up to a gigabyte each.
 */
import { randomUUID } from 'node:crypto'
import { copyFile, link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { isOid } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import type { BarePlace } from './bare-repository.ts'
import { GitError, type GitProgram } from './git-program.ts'

/** Of a process on another machine only the time says whether it died: a fetch and the looking at it are shorter by far. */
const leftoverAgeMs = 6 * 3_600_000
const sweepEveryMs = 3_600_000
/** A machine may begin anew with the same names and numbers. */
const incarnation = randomUUID()
const packTimeMaxMs = 30 * 60_000

export interface FetchFolder {
  /** The bare repository. */
  directory: string
  /** Commits that our refs name. */
  known: readonly Oid[]
}

export class FetchDirectories {
  readonly #git: GitProgram
  readonly #root: string
  #swept: Promise<void> | undefined
  #sweptAt = 0

  /** @param root a folder on the same disk as the cache */
  constructor(git: GitProgram, root: string) {
    this.#git = git
    this.#root = root
  }

  /** Makes a folder that borrows from the repository `from`, which must stay until this has resolved. */
  async make(from: string): Promise<FetchFolder & { remove: () => Promise<void> }> {
    if (performance.now() - this.#sweptAt > sweepEveryMs || this.#swept === undefined) {
      this.#sweptAt = performance.now()
      this.#swept = this.#sweep()
    }
    await this.#swept
    const folder = path.join(this.#root, ownFolder, randomUUID())
    const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
    try {
      const borrowed = path.join(folder, 'borrowed')
      const directory = path.join(folder, 'fetched.git')
      await mkdir(path.join(borrowed, 'pack'), { recursive: true })
      await linkPacks(path.join(from, 'objects/pack'), path.join(borrowed, 'pack'))
      await makeBare(directory)
      await writeFile(path.join(directory, 'objects/info/alternates'), `${borrowed}\n`)
      const refs = await readFile(path.join(from, 'packed-refs'), 'utf8')
      await writeFile(path.join(directory, 'packed-refs'), refs)
      const known = [...new Set(refs.split('\n').flatMap((line) => line.split(' ')[0] ?? ''))].filter(isOid) as Oid[]
      return { directory, known, remove }
    } catch (error) {
      await remove()
      throw error
    }
  }

  /**
   * Packs what `tip` reaches and `known` does not into a folder beside the repository, and names the pack; null when there is nothing. Fails with
   * GitError when any of it is missing (SN10).
   */
  async pack(
    { directory, known }: FetchFolder,
    tip: Oid,
    signal: AbortSignal | undefined,
  ): Promise<{ folder: string; sha: string } | null> {
    if (!isOid(tip)) throw new GitError(`${JSON.stringify(tip)} is not an oid`, null)
    const folder = path.join(directory, '..', 'kept')
    await mkdir(folder, { recursive: true })
    const args = ['pack-objects', '-q', '--revs', '--non-empty', '--delta-base-offset', path.join(folder, 'pack')]
    const input = [tip, ...known.map((oid) => `^${oid}`), ''].join('\n')
    const { stdout } = await this.#git.run({ args, directory, input, signal, timeMaxMs: packTimeMaxMs })
    const sha = stdout.toString('latin1').trim()
    return sha === '' ? null : { folder, sha }
  }

  placeOf({ directory }: FetchFolder, signal: AbortSignal | undefined): BarePlace {
    return { git: this.#git, directory, signal }
  }

  async #sweep(): Promise<void> {
    await mkdir(this.#root, { recursive: true })
    for (const name of await readdir(this.#root)) {
      const folder = path.join(this.#root, name)
      if (name !== ownFolder && (await isLeft(name, folder))) await rm(folder, { recursive: true, force: true })
    }
  }
}

const machine = hostname().replaceAll(/[^\w-]/g, '_')
const ownFolder = `${machine}.${process.pid}.${incarnation}`

/** Whether the process of a folder is dead, as far as can be seen from here. */
async function isLeft(name: string, folder: string): Promise<boolean> {
  const [where, pid] = name.split('.')
  // Our number with another incarnation is that of whoever had it before us.
  if (where === machine && /^\d+$/.test(pid ?? '')) return Number(pid) === process.pid || !isRunning(Number(pid))
  const found = await stat(folder).catch(() => null)
  return found !== null && Date.now() - found.mtimeMs > leftoverAgeMs
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What `git init --bare` makes, without a process for it. */
async function makeBare(directory: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads']) {
    await mkdir(path.join(directory, folder), { recursive: true })
  }
  await writeFile(path.join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
  await writeFile(path.join(directory, 'HEAD'), 'ref: refs/heads/main\n')
}

/** Indexes last: Git looks for packs by their indexes. A disk without hard links copies. */
async function linkPacks(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => /^pack-[0-9a-f]{40}\.(?:pack|idx)$/.test(name))
  for (const name of names.sort().reverse()) {
    const [source, target] = [path.join(from, name), path.join(to, name)]
    await link(source, target).catch(() => copyFile(source, target))
  }
}
