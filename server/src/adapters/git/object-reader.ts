/**
 * Single objects, fast: a bounded cache in memory, and behind it one long-lived `git cat-file --batch` for each
 * repository that is being read, ended when nobody has asked for a while. Git itself notices packs that are added under
 * it.
 */
import type { ObjectKind } from '@skein/git-model'
import type { ProjectId } from '@skein/protocol'
import { LRUCache } from 'lru-cache'
import { BatchOutput } from './batch-output.ts'
import type { GitProgram, StartedGit } from './git-program.ts'

export interface ReadObject {
  kind: ObjectKind
  body: Uint8Array
}

/** Objects above this are read and not kept. */
const keptObjectBytesMax = 1024 * 1024
const readersMax = 8
const idleMs = 20_000
const readerTimeMaxMs = 24 * 60 * 60_000

export class ObjectReader {
  readonly #git: GitProgram
  readonly #bodyBytesMax: number
  readonly #objects: LRUCache<string, ReadObject>
  readonly #readers: LRUCache<ProjectId, BatchReader>

  constructor(options: { git: GitProgram; cacheBytesMax: number; bodyBytesMax: number }) {
    this.#git = options.git
    this.#bodyBytesMax = options.bodyBytesMax
    this.#objects = new LRUCache({
      maxSize: options.cacheBytesMax,
      sizeCalculation: (object) => object.body.length + 200, // keys and bookkeeping
    })
    this.#readers = new LRUCache({
      max: readersMax,
      ttl: idleMs,
      updateAgeOnGet: true,
      ttlAutopurge: true,
      dispose: (reader) => reader.end(),
    })
  }

  /** An object that was read or noted before. Kept by project: what one tenant has must not tell another what it is. */
  recall(project: ProjectId, oid: string): ReadObject | null {
    return this.#objects.get(`${project} ${oid}`) ?? null
  }

  /** Keeps an object that is known without reading it. */
  note(project: ProjectId, oid: string, object: ReadObject): void {
    if (object.body.length <= keptObjectBytesMax) this.#objects.set(`${project} ${oid}`, object)
  }

  /** Reads an object from a repository on disk; null when it is not there. Throws GitError when the reading breaks. */
  async read(project: ProjectId, directory: string, oid: string): Promise<ReadObject | null> {
    let reader = this.#readers.get(project)
    if (!reader || reader.hasEnded) {
      reader = new BatchReader(this.#git, directory, this.#bodyBytesMax)
      this.#readers.set(project, reader)
    }
    const object = await reader.read(oid)
    if (object) this.note(project, oid, object)
    return object
  }

  /** Ends the process that reads a repository, because its directory goes. */
  forget(project: ProjectId): void {
    this.#readers.delete(project)
  }

  /** Ends every process. */
  close(): void {
    this.#readers.clear()
  }
}

type Waiter = { resolve: (object: ReadObject | null) => void; reject: (error: unknown) => void }

/** One `cat-file --batch` process; answers come in the order of the questions. */
class BatchReader {
  readonly #started: StartedGit
  readonly #waiters: Waiter[] = []
  hasEnded = false

  constructor(git: GitProgram, directory: string, bodyBytesMax: number) {
    this.#started = git.start({ args: ['cat-file', '--batch'], directory, timeMaxMs: readerTimeMaxMs })
    const output = new BatchOutput(bodyBytesMax)
    this.#started.process.stdout.on('data', (chunk: Buffer) => {
      try {
        for (const object of output.push(chunk)) {
          // A copy, because the body is a view into a chunk that may be far larger.
          this.#waiters
            .shift()
            ?.resolve(object.kind === 'missing' ? null : { kind: object.kind, body: Buffer.from(object.body) })
        }
      } catch (error) {
        this.#fail(error)
      }
    })
    this.#started.ended.then(
      () => this.#fail(new Error(`git cat-file ended: ${this.#started.complaint()}`)),
      (error) => this.#fail(error),
    )
  }

  read(oid: string): Promise<ReadObject | null> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#started.process.stdin.write(`${oid}\n`)
    })
  }

  /** Lets the process go when it has answered what it was asked. */
  end(): void {
    this.hasEnded = true
    this.#started.process.stdin.end()
  }

  #fail(error: unknown): void {
    this.hasEnded = true
    this.#started.kill()
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }
}
