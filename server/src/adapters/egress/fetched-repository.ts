/**
 * Reads a repository that was just fetched, as streams: what is in it is a stranger's, so nothing of it is held whole. Whoever reads may
 * stop at any entry; the process then ends with it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { Oid } from '@skein/protocol'
import type { FetchedCommit, TreeEntry } from '../../commands/git-store.ts'

export interface FetchedPlace {
  directory: string
  searchPath: string
}

/** Longest record (a tree entry, a field of a commit) that is put together; a longer one ends the reading with an error. */
const recordBytesMax = 4_194_304

type Child = ChildProcessByStdio<Writable, Readable, null>

/** Runs `work` on a Git process that only reads, which is gone when `work` ends. */
async function* withGit<T>(
  { directory, searchPath }: FetchedPlace,
  args: readonly string[],
  signal: AbortSignal,
  work: (child: Child) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const env: Record<string, string> = {
    PATH: searchPath,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_LAZY_FETCH: '1',
  }
  const child = spawn('git', ['--git-dir', directory, ...args], {
    env: env as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  ended.catch(() => {})
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  try {
    yield* work(child)
    child.stdin.end()
    const code = await ended
    signal.throwIfAborted()
    if (code !== 0) throw new Error(`git ${args[0]} ended with ${code} on a repository that had been fetched`)
  } finally {
    signal.removeEventListener('abort', kill)
    kill()
  }
}

/** The records between NUL bytes. */
async function* splitAtNul(source: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      yield bytes.subarray(start, end)
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > recordBytesMax) throw new Error(`a record of Git is longer than ${recordBytesMax} bytes`)
  }
}

/** Every entry below a commit, in Git's order, with the size of its blob, which Git knows without unpacking it. */
export async function* listTree(place: FetchedPlace, tip: Oid | null, signal: AbortSignal): AsyncGenerator<TreeEntry> {
  if (tip === null) return
  yield* withGit(place, ['ls-tree', '-r', '-z', '-l', '--full-tree', tip], signal, async function* (child) {
    child.stdin.end()
    for await (const record of splitAtNul(child.stdout)) {
      const tab = record.indexOf(9)
      const [mode = '', , oid = '', size = ''] = record.toString('latin1', 0, tab).split(/ +/)
      yield {
        path: record.subarray(tab + 1),
        mode: Number.parseInt(mode, 8),
        oid: Oid.parse(oid),
        bytes: Number(size) || 0,
      }
    }
  })
}

/** Commits reachable from `tip`, parents before children. */
export async function* listCommits(
  place: FetchedPlace,
  tip: Oid | null,
  signal: AbortSignal,
): AsyncGenerator<FetchedCommit> {
  if (tip === null) return
  const format = '--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B'
  const args = [
    'log',
    '-z',
    '--topo-order',
    '--reverse',
    '--no-mailmap',
    '--no-show-signature',
    '--encoding=UTF-8',
    format,
    tip,
    '--',
  ]
  yield* withGit(place, args, signal, async function* (child) {
    child.stdin.end()
    let fields: string[] = []
    for await (const record of splitAtNul(child.stdout)) {
      fields.push(record.toString('utf8'))
      if (fields.length < 7) continue
      yield fieldsToCommit(fields)
      fields = []
    }
  })
}

function fieldsToCommit([oid, parents, name, email, authored, committed, message]: string[]): FetchedCommit {
  return {
    oid: Oid.parse(oid),
    parents: (parents ?? '').split(' ').flatMap((parent) => (parent === '' ? [] : [Oid.parse(parent)])),
    authorName: name ?? '',
    authorEmail: email ?? '',
    authoredAt: secondsToDate(authored),
    committedAt: secondsToDate(committed),
    message: (message ?? '').trimEnd(),
  }
}

/** Commits claim any time; what no calendar holds becomes the nearest end of the usual ones. */
function secondsToDate(text = '0'): Date {
  const lastSecond = 253_402_300_799 // the end of the year 9999
  const seconds = Number(text)
  return new Date(Math.min(Math.max(Number.isFinite(seconds) ? seconds : 0, 0), lastSecond) * 1000)
}

/** Blobs in the order asked for, one in memory at a time. */
export async function readBlobs(
  place: FetchedPlace,
  oids: readonly Oid[],
  onBlob: (oid: Oid, content: Uint8Array) => Promise<void> | void,
  signal: AbortSignal,
): Promise<void> {
  if (oids.length === 0) return
  const blobs = withGit(place, ['cat-file', '--batch', '--buffer'], signal, (child) => {
    child.stdin.end(`${oids.join('\n')}\n`)
    return splitBatch(child.stdout)
  })
  for await (const { oid, content } of blobs) await onBlob(oid, content)
}

/** The answers of `cat-file --batch`: a line `<oid> blob <bytes>`, the content, a line end. */
async function* splitBatch(source: Readable): AsyncGenerator<{ oid: Oid; content: Uint8Array }> {
  const chunks: Buffer[] = []
  let held = 0
  let wanted = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) continue
    let bytes = Buffer.concat(chunks)
    for (;;) {
      const lineEnd = bytes.indexOf(10)
      if (lineEnd < 0) {
        wanted = bytes.length + 1
        break
      }
      const [oid = '', type, size] = bytes.toString('latin1', 0, lineEnd).split(' ')
      if (type !== 'blob') throw new Error(`a blob of the tree is not there: ${oid}`)
      const end = lineEnd + 1 + Number(size)
      if (bytes.length < end + 1) {
        wanted = end + 1
        break
      }
      yield { oid: Oid.parse(oid), content: bytes.subarray(lineEnd + 1, end) }
      bytes = bytes.subarray(end + 1)
    }
    chunks.splice(0, chunks.length, bytes)
    held = bytes.length
  }
}
