/** A repository from rows, in a folder of its own, as Git sees it; nothing of the cache is believed. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Database } from '@skein/db'
import type { Oid } from '@skein/protocol'
import type { RepositoryKey } from '../../commands/git-store.ts'
import type { ProbedRepository, ProbePicture, RepositoryProbe } from '../../commands/packs/repository-probe.ts'
import { listTree } from './bare-repository.ts'
import type { GitProgram } from './git-program.ts'
import { rowsToFiles } from './pack-transfer.ts'

export interface GitProbeOptions {
  database: Database
  git: GitProgram
  scratchDir: string
}

const complaintsMax = 50
const checkTimeMaxMs = 60 * 60_000

export class GitProbe implements RepositoryProbe {
  readonly #options: GitProbeOptions

  constructor(options: GitProbeOptions) {
    this.#options = options
  }

  async open<T>(
    repository: RepositoryKey,
    { refs, packs }: ProbePicture,
    work: (probed: ProbedRepository) => Promise<T>,
  ): Promise<T> {
    const { database, git, scratchDir } = this.#options
    const directory = path.join(scratchDir, randomUUID())
    try {
      await mkdir(path.join(directory, 'objects/pack'), { recursive: true })
      await mkdir(path.join(directory, 'refs/heads'), { recursive: true })
      await writeFile(path.join(directory, 'HEAD'), 'ref: refs/heads/none\n')
      await writeFile(path.join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
      const lines = refs.map(({ name, oid }) => `${oid} ${name}\n`).join('')
      await writeFile(path.join(directory, 'packed-refs'), `# pack-refs with: sorted \n${lines}`)
      await rowsToFiles(database, repository, packs, path.join(directory, 'objects/pack'))
      return await work(probe(git, directory))
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

const probe = (git: GitProgram, directory: string): ProbedRepository => ({
  complaints: async () => {
    const started = git.start({
      args: ['fsck', '--strict', '--full', '--no-dangling', '--no-progress'],
      directory,
      timeMaxMs: checkTimeMaxMs,
    })
    started.process.stdin.end()
    let said = ''
    for await (const chunk of started.process.stdout) said = (said + chunk).slice(0, 64 * 1024)
    const code = await started.ended
    const lines = `${said}\n${started.complaint()}`.split('\n').filter((line) => line !== '' && !isOfNoConcern(line))
    if (code !== 0 && lines.length === 0) lines.push(`git fsck ended with ${code}`)
    return lines.slice(0, complaintsMax)
  },
  findMissing: async (oids) => {
    const { stdout } = await git.run({
      args: ['cat-file', '--batch-check=%(objectname)'],
      directory,
      input: oids.map((oid) => `${oid}\n`).join(''),
    })
    const lines = stdout.toString().split('\n')
    return new Set(lines.flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, 40) as Oid] : [])))
  },
  listTree: (commit) => listTree({ git, directory }, commit),
  listCommitOids: async (tip) => {
    const { stdout } = await git.run({
      args: ['rev-list', '--end-of-options', tip],
      directory,
      timeMaxMs: checkTimeMaxMs,
    })
    return stdout.toString().split('\n').filter(Boolean) as Oid[]
  },
})

/** HEAD points nowhere here, on purpose. */
const isOfNoConcern = (line: string): boolean => /HEAD points to an unborn branch/.test(line)
