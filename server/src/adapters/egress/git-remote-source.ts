/**
 * Fetches strangers' repositories. The order is what keeps it safe: the URL is judged, the server is asked for its refs over a connection of our
 * own, and only then Git fetches, into a fresh bare repository, through a proxy that leads to that server and counts.
 * SPEC.md in this folder numbers the rules (EG).
 */
import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { Oid } from '@skein/protocol'
import type { FetchedRemote, FetchFailure, RemoteSource } from '../../commands/import/remote-source.ts'
import { isBranchName } from '../../policies/branch-name.ts'
import { listCommits, listTree, readBlobs } from '../git/bare-repository.ts'
import type { GitProgram } from '../git/git-program.ts'
import type { Advertisement } from './advertisement.ts'
import type { Dial } from './dial.ts'
import { parseFetchProgress } from './fetch-progress.ts'
import { type Probe, probeRemote, urlToTarget } from './probe.ts'
import { type EgressProxy, openEgressProxy } from './proxy.ts'
import type { GitOutcome, UntrustedGit } from './untrusted-git.ts'

export interface RemoteSourceOptions {
  /** Folder for repositories while they are looked at; emptied of what a killed process left, at the first fetch. */
  scratchDir: string
  git: UntrustedGit
  /** Reads what was fetched, without network. */
  localGit: GitProgram
  dial: Dial
  /** `host:port` of servers that the operator trusts. */
  trustedHosts: readonly string[]
  /** Most bytes of one fetch, on the wire and on disk. */
  bytesMax: number
  /** Longest time of one fetch. */
  timeMaxMs: number
  /** What must stay free on the disk, beside `bytesMax`. */
  freeBytesMin: number
}

type Repository = Extract<Probe, { kind: 'repository' }>

const folderPrefix = 'import-'
const diskShort: FetchFailure = { kind: 'disk-full', detail: 'The server of Skein is short of disk space.' }

export function createRemoteSource(options: RemoteSourceOptions): RemoteSource {
  let swept: Promise<void> | undefined
  return {
    fetch: async (url, { signal, onProgress }) => {
      swept ??= sweep(options.scratchDir)
      await swept
      onProgress({ phase: `Asking ${url.host}` })
      const probe = await probeRemote(url, { dial: options.dial, trustedHosts: options.trustedHosts, signal })
      if (probe.kind !== 'repository') return probe
      const branch = chooseBranch(probe.advertisement)
      if (branch === null)
        return { kind: 'not-a-repository', detail: 'Its default branch has a name that Git does not allow.' }
      if (probe.advertisement.objectFormat !== 'sha1') {
        return { kind: 'not-a-repository', detail: 'It names its objects by SHA-256, which Skein does not keep.' }
      }
      const budget = await diskBudget(options)
      if (budget <= 0) return diskShort
      const directory = await mkdtemp(path.join(options.scratchDir, folderPrefix))
      const dispose = () => rm(directory, { recursive: true, force: true, maxRetries: 3 })
      try {
        const failure = await fetchBranch(directory, probe, branch, { ...options, budget }, signal, onProgress)
        if (failure !== null) {
          await dispose()
          return failure
        }
        return await open(directory, branch, options, signal, dispose)
      } catch (error) {
        await dispose()
        throw error
      }
    },
  }
}

/** The branch that HEAD names, else a usual name, else the first; `main` for a repository without a commit. Null: a name Git would refuse. */
function chooseBranch({ headBranch, refs }: Advertisement): string | null {
  const branches = refs.flatMap(({ name }) =>
    name.startsWith('refs/heads/') ? [name.slice('refs/heads/'.length)] : [],
  )
  const known = (name: string | null): name is string =>
    name !== null && (branches.includes(name) || branches.length === 0)
  const branch = [headBranch, 'main', 'master'].find(known) ?? branches[0] ?? 'main'
  return isBranchName(branch) ? branch : null
}

async function fetchBranch(
  directory: string,
  { url, isTrusted, advertisement }: Repository,
  branch: string,
  options: RemoteSourceOptions & { budget: number },
  signal: AbortSignal,
  onProgress: Parameters<RemoteSource['fetch']>[1]['onProgress'],
): Promise<FetchFailure | null> {
  const { git, dial, budget, timeMaxMs } = options
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeMaxMs)])
  await git({ args: ['init', '--quiet', '--bare', '.'], cwd: directory, protocols: 'none', signal })
  if (advertisement.refs.length === 0) return null
  const proxy = await openEgressProxy({ target: urlToTarget(url, isTrusted), dial, bytesMax: budget })
  try {
    const outcome = await git({
      args: [
        ...['fetch', '--progress', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--end-of-options'],
        ...[url.href, `+refs/heads/${branch}:refs/heads/${branch}`],
      ],
      cwd: directory,
      protocols: url.protocol === 'https:' ? 'https' : 'http',
      config: [['http.proxy', proxy.url]],
      fileBytesMax: budget,
      signal: limited,
      onProgress: (line) => {
        const progress = parseFetchProgress(line)
        if (progress !== null) onProgress(progress)
      },
    })
    return outcome.code === 0 ? null : explain(outcome, proxy, options)
  } catch (error) {
    signal.throwIfAborted()
    if (!limited.aborted) throw error
    return { kind: 'too-slow', detail: `It took longer than ${Math.round(timeMaxMs / 60_000)} minutes.` }
  } finally {
    await proxy.close()
  }
}

function explain(
  { code, stderr }: GitOutcome,
  proxy: EgressProxy,
  { bytesMax, budget }: { bytesMax: number; budget: number },
): FetchFailure {
  const said = stderr.split('\n').find((line) => /^(?:fatal|error):/.test(line)) ?? stderr.split('\n')[0] ?? ''
  if (/died of signal (?:9|24)\b/.test(stderr)) {
    return { kind: 'too-slow', detail: 'Taking apart what it sent needed too much.' }
  }
  if (proxy.isSpent() || code === null || /file size limit|signal 25|SIGXFSZ/i.test(stderr)) {
    if (budget < bytesMax) return diskShort
    return { kind: 'too-large', detail: `It is larger than ${Math.round(bytesMax / 1_048_576)} MiB.` }
  }
  if (/No space left on device/i.test(stderr)) return diskShort
  const check = /error: object ([0-9a-f]{40}): ([\w-]+): (.*)/.exec(stderr)
  if (check !== null)
    return { kind: 'damaged', detail: `Git’s own check refused object ${check[1]}: ${check[3]} (${check[2]}).` }
  if (/fsck|index-pack|unpack|corrupt|bad object|did not send all/i.test(stderr))
    return { kind: 'damaged', detail: `Git said “${said}”.` }
  return { kind: 'unreachable', detail: `Git said “${said}”.` }
}

async function open(
  directory: string,
  branch: string,
  { git, localGit }: RemoteSourceOptions,
  signal: AbortSignal,
  dispose: () => Promise<void>,
): Promise<FetchedRemote | FetchFailure> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}^{commit}`]
  const { stdout } = await git({ args, cwd: directory, protocols: 'none', signal })
  const tip = stdout.trim() === '' ? null : Oid.parse(stdout.trim())
  return {
    kind: 'fetched',
    bareDirectory: directory,
    branch,
    tip,
    listTree: (abort) => (tip === null ? nothing() : listTree({ git: localGit, directory, signal: abort }, tip)),
    readBlobs: (oids, onBlob, abort) => readBlobs({ git: localGit, directory, signal: abort }, oids, onBlob),
    listCommits: (abort) => (tip === null ? nothing() : listCommits({ git: localGit, directory, signal: abort }, tip)),
    dispose,
  }
}

async function* nothing(): AsyncGenerator<never> {}

/** Bytes that a fetch may take of the disk. What is kept stands there twice for a while: as fetched, and as rows of the database. */
async function diskBudget({ scratchDir, bytesMax, freeBytesMin }: RemoteSourceOptions): Promise<number> {
  const { bavail, bsize } = await statfs(scratchDir)
  return Math.min(bytesMax, Math.floor((bavail * bsize - freeBytesMin) / 2))
}

/** One process uses a data directory, so whatever lies here was left by one that was killed. */
async function sweep(scratchDir: string): Promise<void> {
  await mkdir(scratchDir, { recursive: true })
  const left = (await readdir(scratchDir)).filter((name) => name.startsWith(folderPrefix))
  await Promise.all(left.map((name) => rm(path.join(scratchDir, name), { recursive: true, force: true })))
}
