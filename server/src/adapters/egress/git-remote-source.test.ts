import { execFile } from 'node:child_process'
import { mkdir, readdir, statfs, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test, vi } from 'vitest'
import type { FetchedRemote, FetchFailure } from '../../commands/import/remote-source.ts'
import { createTestFolder, git, startGitServer, testSearchPath } from '../../testing/world.ts'
import { GitProgram } from '../git/git-program.ts'
import { createDial, type Resolve } from './dial.ts'
import { createRemoteSource, type RemoteSourceOptions } from './git-remote-source.ts'
import { createUntrustedGit } from './untrusted-git.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const run = promisify(execFile)
const folder = await createTestFolder()
const root = path.join(folder, 'served')
await mkdir(root)
const server = await startGitServer(root)
const scratchDir = path.join(folder, 'scratch')
const quiet = new AbortController().signal

function createSource(more: Partial<RemoteSourceOptions> = {}, resolve?: Resolve) {
  return createRemoteSource({
    scratchDir,
    git: createUntrustedGit(testSearchPath),
    localGit: new GitProgram(testSearchPath),
    dial: createDial(resolve),
    trustedHosts: [server.host],
    bytesMax: 50_000_000,
    timeMaxMs: 20_000,
    freeBytesMin: 0,
    ...more,
  })
}

type Source = ReturnType<typeof createSource>

const fetchFrom = (
  source: Source,
  address: string,
  signal = quiet,
  onProgress: (p: { phase: string }) => void = () => {},
) => source.fetch(new URL(address), { signal, onProgress })

async function failureOf(source: Source, address: string): Promise<FetchFailure> {
  const answer = await fetchFrom(source, address)
  if (answer.kind !== 'fetched') return answer
  await answer.dispose()
  throw new Error(`${address} was fetched`)
}

async function fetched(source: Source, address: string): Promise<FetchedRemote> {
  const answer = await fetchFrom(source, address)
  if (answer.kind !== 'fetched') throw new Error(`${answer.kind}: ${answer.detail}`)
  return answer
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

const leftovers = async () => (await readdir(scratchDir)).filter((name) => name.startsWith('import-'))

let tip = ''
beforeAll(async () => {
  const work = path.join(folder, 'work')
  await mkdir(path.join(work, 'deep/er'), { recursive: true })
  await git(work, 'init', '-q', '-b', 'trunk')
  await writeFile(path.join(work, 'a.txt'), 'one\r\ntwo\r\n')
  await writeFile(path.join(work, 'deep/er/ünï ☃.md'), 'snow\n')
  await writeFile(path.join(work, 'bytes.bin'), Buffer.from([0, 1, 2, 255, 10, 0]))
  await symlink('a.txt', path.join(work, 'link'))
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'First\n\nwith a body\n')
  await writeFile(path.join(work, 'a.txt'), 'three\n')
  await git(work, 'commit', '-qam', 'Second')
  tip = await git(work, 'rev-parse', 'HEAD')
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'good.git'))
  await git(folder, 'init', '-q', '--bare', '-b', 'start', path.join(root, 'empty.git'))
})

test('EG3: a trusted server is fetched with its history, files and default branch', async () => {
  const phases = new Set<string>()
  const remote = await fetchFrom(createSource(), `${server.url}/good.git`, quiet, ({ phase }) => phases.add(phase))
  if (remote.kind !== 'fetched') throw new Error(remote.detail)
  expect([remote.branch, remote.tip]).toEqual(['trunk', tip])
  const entries = await collect(remote.listTree(quiet))
  expect(entries.map(({ path: name, mode, bytes }) => [Buffer.from(name).toString(), mode.toString(8), bytes])).toEqual(
    [
      ['a.txt', '100644', 6],
      ['bytes.bin', '100644', 6],
      ['deep/er/ünï ☃.md', '100644', 5],
      ['link', '120000', 5],
    ],
  )
  const contents: string[] = []
  await remote.readBlobs(
    entries.map(({ oid }) => oid),
    (_oid, content) => {
      contents.push(Buffer.from(content).toString('hex'))
    },
    quiet,
  )
  expect(contents).toEqual(['74687265650a', '000102ff0a00', '736e6f770a', '612e747874'])
  const commits = await collect(remote.listCommits(quiet))
  expect(commits.map(({ message, parents, authorName }) => [message, parents.length, authorName])).toEqual([
    ['First\n\nwith a body\n', 0, 'Ana'],
    ['Second\n', 1, 'Ana'],
  ])
  expect(phases).toContain('Receiving the history')
  await remote.dispose()
  expect(await leftovers()).toEqual([])
})

test('EG3: a repository without a commit has no tip', async () => {
  const remote = await fetched(createSource(), `${server.url}/empty.git`)
  expect(remote.tip).toBeNull()
  expect(await collect(remote.listTree(quiet))).toEqual([])
  await remote.dispose()
})

test('EG4: private, missing, broken and other pages are told apart', async () => {
  const source = createSource()
  expect((await failureOf(source, `${server.url}/private/x`)).kind).toBe('private')
  expect((await failureOf(source, `${server.url}/nothing.git`)).kind).toBe('not-a-repository')
  expect((await failureOf(source, `${server.url}/page/x`)).kind).toBe('not-a-repository')
  expect((await failureOf(source, `${server.url}/broken/x`)).kind).toBe('unreachable')
  const elsewhere = createSource({ trustedHosts: ['127.0.0.1:9'] })
  expect(await failureOf(elsewhere, 'http://127.0.0.1:9/x')).toMatchObject({
    kind: 'unreachable',
    detail: expect.stringContaining('ECONNREFUSED'),
  })
})

test('EG5: a name with a private address among its addresses is not connected to', async () => {
  const asked: string[] = []
  const source = createSource({}, async (host) => {
    asked.push(host)
    return ['1.1.1.1', '10.0.0.7']
  })
  expect(await failureOf(source, 'https://rebind.example.org/a.git')).toMatchObject({ kind: 'refused' })
  expect(asked).toEqual(['rebind.example.org'])
  const nowhere = createSource({}, async () => [])
  expect((await failureOf(nowhere, 'https://nowhere.example.org/a.git')).detail).toContain('was not found')
})

test('EG6: redirects are judged like the first URL, and there are three of them at most', async () => {
  const source = createSource()
  const via = (count: number, target: string) => `${server.url}/redirect/${count}/${encodeURIComponent(target)}`
  const good = await fetched(source, via(3, `${server.url}/good.git`))
  expect(good.tip).toBe(tip)
  await good.dispose()
  expect((await failureOf(source, via(4, `${server.url}/good.git`))).kind).toBe('not-a-repository')
  for (const target of [
    'http://127.0.0.1:1/x',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'file:///etc',
    'http://10.0.0.1/x',
  ]) {
    expect(await failureOf(source, via(1, target)), target).toMatchObject({ kind: 'refused' })
  }
})

test('EG6: a server that sends Git elsewhere after it was asked is not followed', async () => {
  const failure = await failureOf(createSource(), `${server.url}/turning/good.git`)
  expect(failure.kind).toBe('unreachable')
  const calls = await server.calls()
  expect(calls.some((call) => call.includes('/turning/'))).toBe(true)
  expect(calls.some((call) => call.includes('/stolen'))).toBe(false)
})

test('EG7: what is endless ends at the budget of bytes, and nothing is left', async () => {
  const failure = await failureOf(createSource({ bytesMax: 3_000_000 }), `${server.url}/endless/good.git`)
  expect(failure.kind).toBe('too-large')
  expect(await leftovers()).toEqual([])
})

test('EG7: what never answers ends at the budget of time', async () => {
  const failure = await failureOf(createSource({ timeMaxMs: 1500 }), `${server.url}/stalling/good.git`)
  expect(failure.kind).toBe('too-slow')
  expect(await leftovers()).toEqual([])
})

test('EG7: a disk that is short is not filled', async () => {
  const failure = await failureOf(createSource({ freeBytesMin: 2 ** 60 }), `${server.url}/good.git`)
  expect(failure.kind).toBe('disk-full')
  // Little is left: the fetch may take half of it.
  const { bavail, bsize } = await statfs(folder)
  const nearlyFull = createSource({ bytesMax: 2 ** 50, freeBytesMin: bavail * bsize - 20_000_000 })
  expect((await failureOf(nearlyFull, `${server.url}/endless/good.git`)).kind).toBe('disk-full')
})

test('EG8: cancelling ends Git with everything it started, and deletes what it wrote', async () => {
  const stop = new AbortController()
  const pending = fetchFrom(createSource(), `${server.url}/stalling/good.git`, stop.signal)
  const children = async () =>
    (await run('pgrep', ['-f', `${server.url}/stalling`]).catch(() => ({ stdout: '' }))).stdout.trim()
  await expect.poll(children).not.toBe('')
  stop.abort(new Error('cancelled'))
  await expect(pending).rejects.toThrow('cancelled')
  await expect.poll(children).toBe('')
  expect(await leftovers()).toEqual([])
})

test('EG9: a repository with a name that could harm a checkout is refused by Git’s own check', async () => {
  const work = path.join(folder, 'evil')
  await git(folder, 'init', '-q', '-b', 'main', work)
  await writeFile(path.join(work, 'x'), 'x')
  const blob = await git(work, 'hash-object', '-w', 'x')
  const entry = Buffer.concat([Buffer.from('100644 .GIT\0'), Buffer.from(blob, 'hex')])
  await writeFile(path.join(work, 'tree'), entry)
  const tree = await git(work, 'hash-object', '-w', '-t', 'tree', '--literally', 'tree')
  const commit = await git(work, 'commit-tree', tree, '-m', 'evil')
  await git(work, 'update-ref', 'refs/heads/main', commit)
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'evil.git'))
  const failure = await failureOf(createSource(), `${server.url}/evil.git`)
  expect(failure).toMatchObject({ kind: 'damaged', detail: expect.stringContaining('hasDotgit') })
})

test('EG10: a tree that unfolds without end is read only as far as somebody wants', async () => {
  const work = path.join(folder, 'bomb')
  await git(folder, 'init', '-q', '-b', 'main', work)
  await writeFile(path.join(work, 'x'), 'x')
  let oid = await git(work, 'hash-object', '-w', 'x')
  for (let level = 0; level < 8; level += 1) {
    const mode = level === 0 ? '100644' : '40000'
    const entries = Array.from({ length: 10 }, (_, n) =>
      Buffer.concat([Buffer.from(`${mode} f${n}\0`), Buffer.from(oid, 'hex')]),
    )
    await writeFile(path.join(work, 'tree'), Buffer.concat(entries))
    oid = await git(work, 'hash-object', '-w', '-t', 'tree', 'tree')
  }
  await git(work, 'update-ref', 'refs/heads/main', await git(work, 'commit-tree', oid, '-m', 'bomb'))
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'bomb.git'))
  const remote = await fetched(createSource(), `${server.url}/bomb.git`)
  let seen = 0
  for await (const _entry of remote.listTree(quiet)) {
    seen += 1
    if (seen === 5000) break
  }
  expect(seen).toBe(5000)
  await remote.dispose()
})

test('EG11: what a killed process left is gone at the next fetch', async () => {
  await mkdir(path.join(scratchDir, 'import-left'), { recursive: true })
  const remote = await fetched(createSource(), `${server.url}/good.git`)
  expect(await leftovers()).toHaveLength(1)
  await remote.dispose()
})
