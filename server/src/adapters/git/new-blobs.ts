/** The blobs of a range of commits, by Git: everything that the tip reaches and the known commits do not. */
import { pipeline } from 'node:stream/promises'
import type { Oid } from '@skein/protocol'
import type { NewBlob, NewBlobs } from '../../commands/secrets/new-blobs.ts'
import type { PushRange } from '../../commands/sync/secret-gate.ts'
import { GitError, type GitProgram } from './git-program.ts'

/** Blobs of one push that are listed; a first push of a large repository has fewer. */
const blobsMax = 500_000

export function createNewBlobs(git: GitProgram): NewBlobs {
  return {
    list: (directory, range, signal) => listNewBlobs(git, directory, range, signal),
    findCommit: async (directory, range, blob) => {
      const args = ['log', '--no-mailmap', '--reverse', '--format=%H', `--find-object=${blob}`, ...rangeArgs(range)]
      const { stdout } = await git.run({ args, directory })
      return (stdout.toString().split('\n')[0] || range.to) as Oid
    },
  }
}

// What is known of the remote may not be here at all: then it takes nothing away.
const rangeArgs = ({ to, known }: PushRange): string[] => ['--ignore-missing', to, '--not', ...known]

async function* listNewBlobs(
  git: GitProgram,
  directory: string,
  range: PushRange,
  signal: AbortSignal,
): AsyncGenerator<NewBlob> {
  const list = git.start({ args: ['rev-list', '--objects', ...rangeArgs(range)], directory, signal })
  list.process.stdin.end()
  const format = '--batch-check=%(objecttype) %(objectsize) %(objectname) %(rest)'
  const check = git.start({ args: ['cat-file', format, '--buffer'], directory, signal })
  const joined = pipeline(list.process.stdout, check.process.stdin).catch(() => {})
  let rest = ''
  let blobs = 0
  try {
    check.process.stdout.setEncoding('utf8')
    for await (const chunk of check.process.stdout as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [kind, size, oid, ...name] = line.split(' ')
        if (kind !== 'blob') continue
        if (++blobs > blobsMax) throw new GitError(`a push would bring more than ${blobsMax} files`, null)
        yield { oid: oid as Oid, path: name.join(' '), bytes: Number(size) }
      }
    }
    const [code] = await Promise.all([list.ended, check.ended])
    if (code !== 0) throw new GitError(`git rev-list failed (${code}): ${list.complaint()}`, code)
  } finally {
    list.kill()
    check.kill()
    await joined
  }
}
