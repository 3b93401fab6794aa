/** A remote on disk for tests of pulls: a repository with a work tree in which others commit, and the port that fetches from it with Git. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Oid } from '@skein/protocol'
import type { FetchAnswer, FetchRequest, GithubRemote } from '../../github/github-remote.ts'
import { git } from '../../snapshot/testing/snapshot-world.ts'

/** Null: deleted. An object: an entry of this mode, which need not be on disk. */
export type RemoteFile = string | Buffer | null | { mode: string; content?: string; oid?: string }

export class DiskRemote implements Pick<GithubRemote, 'fetch'> {
  readonly directory: string
  readonly fetches: FetchRequest[] = []
  #message = 0

  constructor(directory: string) {
    this.directory = directory
    mkdirSync(directory, { recursive: true })
    this.git('init', '-q', '-b', 'main')
    this.git('config', 'core.protectNTFS', 'false')
  }

  git(...args: string[]): string {
    return git(this.directory, args).toString().replace(/\n+$/, '')
  }

  head(): Oid {
    return this.git('rev-parse', 'HEAD') as Oid
  }

  /** Makes a commit of these changes on what is checked out. */
  commit(files: Readonly<Record<string, RemoteFile>>, message = `Remote ${++this.#message}`): Oid {
    const written = Object.entries(files).flatMap(([name, file]) => this.#put(name, file) ?? [])
    const names = `${written.join('\0')}\0`
    if (written.length > 0) git(this.directory, ['add', '--pathspec-from-file=-', '--pathspec-file-nul'], names)
    this.git('commit', '-q', '--allow-empty', '-m', message)
    return this.head()
  }

  /** The name, when it is still to be taken from disk. */
  #put(name: string, file: RemoteFile): string | null {
    const place = path.join(this.directory, name)
    if (file === null) this.git('rm', '-q', '-r', '--', name)
    else if (typeof file === 'string' || Buffer.isBuffer(file)) {
      mkdirSync(path.dirname(place), { recursive: true })
      writeFileSync(place, file)
      return name
    } else {
      this.stage(file.mode, file.oid ?? this.putBlob(file.content ?? ''), Buffer.from(name))
    }
    return null
  }

  putBlob(content: string): string {
    return git(this.directory, ['hash-object', '-w', '--stdin'], content).toString().trim()
  }

  /** Puts an entry into the index alone, under whatever name. */
  stage(mode: string, oid: string, name: Buffer): void {
    const line = Buffer.concat([Buffer.from(`${mode} ${oid}\t`), name, Buffer.from('\0')])
    git(this.directory, ['-c', 'core.protectNTFS=false', 'update-index', '-z', '--index-info'], line)
  }

  move(from: string, to: string): void {
    mkdirSync(path.dirname(path.join(this.directory, to)), { recursive: true })
    this.git('mv', from, to)
  }

  /** Takes a commit of ours over as the branch, as a push does. */
  receive(from: string, oid: Oid): void {
    this.git('fetch', '-q', from, oid)
    this.git('reset', '-q', '--hard', oid)
  }

  async fetch(_place: unknown, request: FetchRequest): Promise<FetchAnswer> {
    this.fetches.push(request)
    const settings = ['-c', 'transfer.fsckObjects=true', '-c', 'fetch.unpackLimit=1', '-c', 'gc.auto=0']
    try {
      const refspec = `+${request.wanted}:${request.ref}`
      git(request.directory, [
        ...settings,
        'fetch',
        '-q',
        '--no-tags',
        '--no-write-fetch-head',
        this.directory,
        refspec,
      ])
      return { outcome: 'fetched' }
    } catch (error) {
      const reason = String((error as { stderr?: Buffer }).stderr)
      return /not our ref|couldn't find/.test(reason) ? { outcome: 'gone' } : { outcome: 'refused', reason }
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
