// A throw-away repository driven by the real git: the oracle of this package's tests.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pack } from '../pack.ts'

export type ScratchRepository = {
  directory: string
  git: (args: readonly string[], input?: string | Uint8Array) => Buffer
  addPack: (pack: Pack) => void
  remove: () => void
}

const environment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'C',
  GIT_COMMITTER_EMAIL: 'c@example.com',
}

/** Makes an empty bare repository in the temporary folder. */
export function makeScratchRepository(): ScratchRepository {
  const directory = mkdtempSync(join(tmpdir(), 'skein-git-model-'))
  const git: ScratchRepository['git'] = (args, input) =>
    execFileSync('git', args, {
      cwd: directory,
      env: environment,
      input: input ?? '',
      stdio: 'pipe',
      maxBuffer: 256 * 1024 * 1024,
    })
  git(['init', '-q', '--bare', '.'])
  mkdirSync(join(directory, 'objects/pack'), { recursive: true })
  return {
    directory,
    git,
    addPack: ({ sha, pack, index }) => {
      writeFileSync(join(directory, `objects/pack/pack-${sha}.pack`), pack)
      writeFileSync(join(directory, `objects/pack/pack-${sha}.idx`), index)
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
