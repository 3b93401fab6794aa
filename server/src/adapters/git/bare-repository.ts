/**
 * Reading a bare repository on disk with Git: trees, blobs, history. What is read came from anybody, so every walk has
 * a bound; a pack of a kilobyte can list ten million paths.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { decodeCommit } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import type { FetchedCommit, TreeEntry, TreeLimits } from '../../commands/git-store.ts'
import { BatchOutput } from './batch-output.ts'
import { GitError, type GitProgram } from './git-program.ts'

/** Most entries of one tree that are listed. */
export const treeEntriesMax = 250_000
/** Most bytes of one listing: paths of 1 KiB for every entry. */
const listingBytesMax = 256 * 1024 * 1024
/** Largest blob or commit that is read into memory; what GitHub takes is no larger. */
export const objectBytesMax = 100 * 1024 * 1024
/** Largest commit that is taken from others. */
const commitBytesMax = 1024 * 1024
/** What is listed of a commit is for reading; the commit itself stays whole. */
const messageCharactersMax = 64 * 1024
const nameCharactersMax = 1000
/** Longest run of a walk over history or content. */
const walkTimeMaxMs = 30 * 60_000

export interface BarePlace {
  git: GitProgram
  directory: string
  signal?: AbortSignal | undefined
}

/** Every entry below a commit's (or tree's) root, in Git's order; throws above treeEntriesMax. */
export async function* listTree({ git, directory, signal }: BarePlace, root: string): AsyncGenerator<TreeEntry> {
  const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', '--end-of-options', root]
  const started = git.start({ args, directory, signal })
  started.process.stdin.end()
  let rest: Buffer = Buffer.alloc(0)
  let entries = 0
  let bytes = 0
  try {
    for await (const chunk of started.process.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        if (++entries > treeEntriesMax || bytes > listingBytesMax) {
          throw new GitError(`the tree has more than ${treeEntriesMax} entries`, null)
        }
        yield parseEntry(rest.subarray(0, end))
        rest = rest.subarray(end + 1)
      }
    }
    await expectSuccess(started, 'ls-tree')
  } finally {
    started.kill()
  }
}

/** Why a tree cannot be taken over, as a sentence: Git cannot read it, or it is above the limits. Null: it can. */
export async function findTreeProblem(place: BarePlace, root: string, limits: TreeLimits): Promise<string | null> {
  const mib = (bytes: number) => `${Math.floor(bytes / 1024 ** 2).toLocaleString('en')} MiB`
  let files = 0
  let bytes = 0
  try {
    for await (const entry of listTree(place, root)) {
      files++
      bytes += entry.bytes
      if (files > limits.filesMax) return `It has more than ${limits.filesMax.toLocaleString('en')} files.`
      if (bytes > limits.bytesMax) return `Its files have more than ${mib(limits.bytesMax)} together.`
      if (entry.bytes > limits.fileBytesMax) {
        return `“${Buffer.from(entry.path)}” has ${mib(entry.bytes)}; the limit is ${mib(limits.fileBytesMax)}.`
      }
    }
    return null
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    return 'Git cannot read its files.'
  }
}

// `mode SP kind SP oid SP size TAB path`, size padded with spaces, `-` for what is not a blob.
function parseEntry(line: Buffer): TreeEntry {
  const tab = line.indexOf(0x09)
  const [mode = '', , oid = '', size = ''] = line.toString('latin1', 0, tab).split(/ +/)
  return {
    path: Uint8Array.from(line.subarray(tab + 1)),
    mode: Number.parseInt(mode, 8),
    oid: oid as Oid,
    bytes: size === '-' ? 0 : Number(size),
  }
}

/**
 * Blobs in the order asked for, each awaited before the next is parsed; throws on one that is missing or above
 * objectBytesMax.
 */
export async function readBlobs(
  { git, directory, signal }: BarePlace,
  oids: readonly Oid[],
  onBlob: (oid: Oid, content: Uint8Array) => Promise<void> | void,
): Promise<void> {
  signal?.throwIfAborted()
  if (oids.length === 0) return
  const started = git.start({ args: ['cat-file', '--batch', '--buffer'], directory, signal, timeMaxMs: walkTimeMaxMs })
  const asked = pipeline(Readable.from(linesOf(oids)), started.process.stdin).catch(() => {})
  const output = new BatchOutput(objectBytesMax)
  try {
    for await (const chunk of started.process.stdout as AsyncIterable<Buffer>) {
      for (const object of output.push(chunk)) {
        if (object.kind !== 'blob') throw new GitError(`${object.oid} is ${object.kind}, not a blob`, null)
        await onBlob(object.oid as Oid, object.body)
      }
    }
    await expectSuccess(started, 'cat-file')
  } finally {
    started.kill()
    await asked
  }
}

function* linesOf(oids: readonly Oid[]): Generator<string> {
  for (let start = 0; start < oids.length; start += 1000) yield `${oids.slice(start, start + 1000).join('\n')}\n`
}

/** Commits reachable from `tip` and not from `exclude`, parents before children; of long messages and names the front. */
export async function* listCommits(
  { git, directory, signal }: BarePlace,
  tip: Oid,
  exclude: readonly Oid[] = [],
): AsyncGenerator<FetchedCommit> {
  const args = ['rev-list', '--topo-order', '--reverse', '--end-of-options', tip, ...exclude.map((oid) => `^${oid}`)]
  const list = git.start({ args, directory, signal, timeMaxMs: walkTimeMaxMs })
  list.process.stdin.end()
  const read = git.start({ args: ['cat-file', '--batch', '--buffer'], directory, signal, timeMaxMs: walkTimeMaxMs })
  const joined = pipeline(list.process.stdout, read.process.stdin).catch(() => {})
  const output = new BatchOutput(objectBytesMax)
  try {
    for await (const chunk of read.process.stdout as AsyncIterable<Buffer>) {
      for (const object of output.push(chunk)) {
        if (object.kind !== 'commit') throw new GitError(`${object.oid} is ${object.kind}, not a commit`, null)
        yield toFetchedCommit(object.oid as Oid, object.body)
      }
    }
    await expectSuccess(list, 'rev-list')
    await expectSuccess(read, 'cat-file')
  } finally {
    list.kill()
    read.kill()
    await joined
  }
}

/**
 * Why a commit that `tip` reaches and none of `known` does cannot be taken over: its object alone, which is its message and its headers, has more than 1 MiB.
 * Null: they all can.
 */
export async function findCommitProblem(place: BarePlace, tip: Oid, known: readonly Oid[]): Promise<string | null> {
  const range = ['--end-of-options', tip, ...known.map((oid) => `^${oid}`)]
  const list = place.git.start({ ...place, args: ['rev-list', ...range], timeMaxMs: walkTimeMaxMs })
  list.process.stdin.end()
  const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer']
  const read = place.git.start({ ...place, args, timeMaxMs: walkTimeMaxMs })
  const joined = pipeline(list.process.stdout, read.process.stdin).catch(() => {})
  try {
    let rest = ''
    for await (const chunk of read.process.stdout as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      const large = lines.map((line) => line.split(' ')).find(([, size]) => Number(size) > commitBytesMax)
      if (large !== undefined) {
        const mib = Math.ceil(Number(large[1]) / 1024 ** 2)
        return `The commit ${large[0]} has a message and headers of ${mib} MiB; the limit is 1 MiB.`
      }
    }
    await expectSuccess(list, 'rev-list')
    await expectSuccess(read, 'cat-file')
    return null
  } finally {
    list.kill()
    read.kill()
    await joined
  }
}

function toFetchedCommit(oid: Oid, body: Uint8Array): FetchedCommit {
  const { parents, author, committer, message } = decodeCommit(body)
  // Most are small, and kept as they are. A part of a long text keeps all of it in memory, unless it is copied.
  const cut = (text: string, charactersMax: number) =>
    body.length <= messageCharactersMax ? text : Buffer.from(text.slice(0, charactersMax)).toString()
  return {
    oid,
    parents: parents.map((parent) => cut(parent, parent.length)) as Oid[],
    authorName: cut(author.name, nameCharactersMax),
    authorEmail: cut(author.email, nameCharactersMax),
    authoredAt: new Date(author.atMs),
    committedAt: new Date(committer.atMs),
    message: cut(message, messageCharactersMax),
  }
}

/** Whether `ancestor` is reachable from `descendant`; a commit is its own ancestor. */
export async function isAncestor({ git, directory }: BarePlace, ancestor: Oid, descendant: Oid): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant]
  const { exitCode } = await git.run({ args, directory, accept: [0, 1] })
  return exitCode === 0
}

async function expectSuccess(
  started: { ended: Promise<number>; complaint: () => string },
  command: string,
): Promise<void> {
  const exitCode = await started.ended
  if (exitCode !== 0) throw new GitError(`git ${command} failed (${exitCode}): ${started.complaint()}`, exitCode)
}
