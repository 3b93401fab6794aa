/** Looking at the commits that a push would bring, before it leaves: whether they are here, and which of their contents are large. */
import type { Oid } from '@skein/protocol'
import type { LargeBlob } from '../../commands/git-store.ts'
import type { BarePlace } from './bare-repository.ts'

/** Contents whose path is looked up: whoever has to mend more of them mends them in turns. */
const largeBlobsMax = 20

/** Whether the repository holds that commit. */
export async function hasCommit({ git, directory, signal }: BarePlace, oid: Oid): Promise<boolean> {
  const args = ['cat-file', '-e', `${oid}^{commit}`]
  const { exitCode } = await git.run({ args, directory, signal, accept: [0, 1, 128] })
  return exitCode === 0
}

/**
 * Contents of at least `bytesMin` in commits that `tip` reaches and none of `exclude` does, with a path where each came in; at most 20. Git is asked for what
 * a filter leaves out, so that its answer is short however much the commits hold.
 */
export async function listLargeBlobs(
  place: BarePlace,
  tip: Oid,
  exclude: readonly Oid[],
  bytesMin: number,
): Promise<LargeBlob[]> {
  const { git, directory, signal } = place
  const range = ['--end-of-options', tip, ...exclude.map((oid) => `^${oid}`)]
  const filter = ['--objects', '--quiet', `--filter=blob:limit=${bytesMin}`, '--filter-print-omitted']
  const { stdout } = await git.run({ args: ['rev-list', ...filter, ...range], directory, signal })
  const oids = [...stdout.toString('latin1').matchAll(/^~([0-9a-f]{40})$/gm)].map(([, oid]) => oid as Oid).sort()
  const found: LargeBlob[] = []
  for (const oid of oids.slice(0, largeBlobsMax)) {
    const size = await git.run({ args: ['cat-file', '-s', oid], directory, signal })
    found.push({ oid, bytes: Number(size.stdout.toString('latin1')), path: await findPath(place, oid, range) })
  }
  return found
}

async function findPath({ git, directory, signal }: BarePlace, oid: Oid, range: readonly string[]): Promise<string> {
  const args = [
    'log',
    '--format=',
    '--raw',
    '-z',
    '-m',
    '--root',
    '--no-renames',
    `--find-object=${oid}`,
    '-1',
    ...range,
  ]
  const { stdout } = await git.run({ args, directory, signal })
  return stdout.toString('utf8').split('\0')[1] ?? ''
}
