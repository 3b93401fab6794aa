/** What a person is told when an import fails: what happened, what is safe, and what to do. */
import type { jobQueries } from '@skein/db'
import type { FetchFailure } from './remote-source.ts'

const codes = {
  unreachable: 'git-unreachable',
  private: 'git-private',
  'not-a-repository': 'git-not-a-repository',
  refused: 'git-refused',
  damaged: 'git-refused',
  'too-large': 'quota-exceeded',
  'too-slow': 'quota-exceeded',
  'disk-full': 'disk-full',
} as const satisfies Record<FetchFailure['kind'], jobQueries.JobError['code']>

/** The words for a failure of the remote at `host`. */
export function failureToError({ kind, detail }: FetchFailure, host: string): jobQueries.JobError {
  return { code: codes[kind], ...wordsFor(kind, host, detail) }
}

function wordsFor(kind: FetchFailure['kind'], host: string, detail: string): { message: string; hint: string } {
  switch (kind) {
    case 'unreachable':
      return {
        message: `${host} could not be reached. ${detail}`,
        hint: 'Check the address, or try again in a few minutes.',
      }
    case 'private':
      return {
        message: `This repository is private, or there is none at this address. ${detail}`,
        hint: 'Check the address. Skein imports public repositories, and internal ones that need no password.',
      }
    case 'not-a-repository':
      return {
        message: `There is no Git repository at this address. ${detail}`,
        hint: 'Use the address that the hosting page shows for “clone over https”.',
      }
    case 'refused':
      return {
        message: `Skein does not connect to this address. ${detail}`,
        hint: 'For a server inside your network, ask the operator to add it to GIT_TRUSTED_HOSTS.',
      }
    case 'damaged':
      return {
        message: `The repository did not pass Git’s checks, so nothing was imported. ${detail}`,
        hint: 'Run “git fsck” where the repository is at home, and mend what it finds.',
      }
    case 'too-large':
      return {
        message: `The repository is too large to be imported. ${detail}`,
        hint: 'Import a smaller repository, for example one without large binary files in its history.',
      }
    case 'too-slow':
      return { message: `The import was given up. ${detail}`, hint: 'Try again when the network is faster.' }
    case 'disk-full':
      return {
        message: 'Skein has too little disk space for this import. Nothing that was there before is affected.',
        hint: 'Tell the operator of this Skein; then try again.',
      }
  }
}

/** Whether a fault of our own means that the disk (ours or PostgreSQL's) is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'ENOSPC' || code === '53100'
}
