/**
 * Comparing commits of a bare repository with Git: where two histories part, what differs between two trees, and which contents a line of
 * commits has had. Git finds the renames, so that Skein and everybody's `git merge` agree about them. Every answer has a bound.
 */
import { emptyTreeOid } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import type { FileLines, LineCount, TreeDifference, TreeSide } from '../../commands/git-store.ts'
import type { BarePlace } from './bare-repository.ts'
import { GitError, type StartedGit } from './git-program.ts'

/** Most files that one comparison lists: twice what a project may hold, for one that exchanges them all. */
const differencesMax = 100_000
/** Most bytes of one comparison: two paths of 1 KiB for every file. */
const differenceBytesMax = 256 * 1024 * 1024
/** Files on one side that Git compares by content when it looks for renames; those that kept their content or their name are found beyond it. */
const renamesMax = 1_000
const noOid = '0'.repeat(40)

/** The best common ancestor; of several (a criss-cross merge) the one that Git names first. Null: the histories have nothing in common. */
export async function mergeBase({ git, directory, signal }: BarePlace, one: Oid, other: Oid): Promise<Oid | null> {
  const args = ['merge-base', '--end-of-options', one, other]
  const { stdout, exitCode } = await git.run({ args, directory, signal, accept: [0, 1] })
  return exitCode === 1 ? null : (stdout.toString('latin1').slice(0, 40) as Oid)
}

/** What differs between the trees of two commits (null: no files), renames joined, in the order of Git; throws above `differencesMax`. */
export async function* diffTrees(place: BarePlace, from: Oid | null, to: Oid): AsyncGenerator<TreeDifference> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '-M', `-l${renamesMax}`]
  yield* listRaw(place, [...args, '--end-of-options', from ?? emptyTreeOid, to])
}

/** How many commits `tip` has that `except` (null: nothing) has not. */
export async function countCommits(
  { git, directory, signal }: BarePlace,
  tip: Oid,
  except: Oid | null,
): Promise<number> {
  const args = ['rev-list', '--count', '--end-of-options', tip, ...(except === null ? [] : [`^${except}`])]
  const { stdout } = await git.run({ args, directory, signal })
  return Number(stdout.toString('latin1'))
}

/**
 * Every content that a file got in the commits that `tip` has and none of `since` has, along the first parents: what was made here.
 */
export async function* listContents(
  place: BarePlace,
  tip: Oid,
  since: readonly Oid[],
): AsyncGenerator<{ path: Uint8Array; oid: Oid }> {
  const args = ['log', '--format=', '--raw', '-z', '--no-abbrev', '--no-renames', '--first-parent', '-m', '--root']
  const commits = [tip, ...since.map((oid) => `^${oid}`)]
  const list = listRaw(place, [...args, '--end-of-options', ...commits], Number.POSITIVE_INFINITY)
  for await (const { to } of list) if (to !== null) yield { path: to.path, oid: to.oid }
}

/** Paths that one of the commits itself changed; of a merge those that are as in none of its parents. */
export async function* listTouched(
  { git, directory, signal }: BarePlace,
  commits: readonly Oid[],
): AsyncGenerator<Uint8Array> {
  const args = [
    'log',
    '--no-walk=unsorted',
    '--stdin',
    '--format=',
    '--name-only',
    '-z',
    '--no-renames',
    '-c',
    '--root',
  ]
  const started = git.start({ args, directory, signal })
  started.process.stdin.end(commits.map((oid) => `${oid}\n`).join(''))
  try {
    for await (const path of splitAtNul(started, Number.POSITIVE_INFINITY)) yield Buffer.from(path, 'latin1')
    const exitCode = await started.ended
    if (exitCode !== 0) throw new GitError(`git log failed (${exitCode}): ${started.complaint()}`, exitCode)
  } finally {
    started.kill()
  }
}

/** Files that differ between two commits, a renamed one once, and lines added and taken away, those of binary files not counted. */
export async function countLines({ git, directory, signal }: BarePlace, from: Oid | null, to: Oid): Promise<LineCount> {
  const args = ['diff-tree', '-r', '-M', `-l${renamesMax}`, '--shortstat', '--end-of-options', from ?? emptyTreeOid, to]
  const { stdout } = await git.run({ args, directory, signal })
  const line = stdout.toString('latin1')
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0)
  return { files: count('file'), insertions: count('insertion'), deletions: count('deletion') }
}

/**
 * Lines added and taken away of each file that differs, by its path in `to`, or the one it had (bytes as latin1); files without lines are not among
 * them.
 */
export async function countLinesByFile(
  { git, directory, signal }: BarePlace,
  from: Oid | null,
  to: Oid,
): Promise<Map<string, FileLines>> {
  const args = ['diff-tree', '-r', '-z', '--numstat', '-M', `-l${renamesMax}`]
  const { stdout } = await git.run({ args: [...args, '--end-of-options', from ?? emptyTreeOid, to], directory, signal })
  const fields = stdout.toString('latin1').split('\0')
  const counts = new Map<string, FileLines>()
  for (let at = 0; at < fields.length; at++) {
    const [insertions = '', deletions = '', path = ''] = fields[at]?.split('\t') ?? []
    if (insertions === '') continue
    // Of a renamed file both paths follow.
    if (path === '') at += 2
    const name = path === '' ? (fields[at] ?? '') : (fields[at]?.slice(insertions.length + deletions.length + 2) ?? '')
    if (insertions !== '-') counts.set(name, { insertions: Number(insertions), deletions: Number(deletions) })
  }
  return counts
}

async function* listRaw(
  { git, directory, signal }: BarePlace,
  args: readonly string[],
  rowsMax = differencesMax,
): AsyncGenerator<TreeDifference> {
  const started = git.start({ args, directory, signal })
  started.process.stdin.end()
  let fields: string[] = []
  let rows = 0
  try {
    for await (const field of splitAtNul(started, rowsMax)) {
      fields.push(field)
      const status = fields[0]?.split(' ')[4] ?? ''
      if (fields.length < (/^[RC]/.test(status) ? 3 : 2)) continue
      if (++rows > rowsMax) throw new GitError(`more than ${rowsMax} files differ`, null)
      yield parseRaw(fields)
      fields = []
    }
    const exitCode = await started.ended
    if (exitCode !== 0) throw new GitError(`git ${args[0]} failed (${exitCode}): ${started.complaint()}`, exitCode)
  } finally {
    started.kill()
  }
}

/** Pieces of output as latin1, which keeps the bytes of names. */
async function* splitAtNul(started: StartedGit, rowsMax: number): AsyncGenerator<string> {
  let rest = ''
  let bytes = 0
  for await (const chunk of started.process.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > differenceBytesMax && Number.isFinite(rowsMax)) throw new GitError('the comparison is too long', null)
    const pieces = (rest + chunk.toString('latin1')).split('\0')
    rest = pieces.pop() ?? ''
    // `git log` sets its commits apart by a line end.
    for (const piece of pieces) if (piece !== '') yield piece.startsWith('\n') ? piece.slice(1) : piece
  }
}

// `:mode mode oid oid status NUL path NUL`, and a second path for renames.
function parseRaw([head = '', path = '', renamed]: readonly string[]): TreeDifference {
  const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = head.slice(1).split(' ')
  const side = (mode: string, oid: string, name: string): TreeSide | null =>
    oid === noOid && Number(mode) === 0
      ? null
      : { path: Uint8Array.from(Buffer.from(name, 'latin1')), mode: Number.parseInt(mode, 8), oid: oid as Oid }
  return { from: side(oldMode, oldOid, path), to: side(newMode, newOid, renamed ?? path) }
}
