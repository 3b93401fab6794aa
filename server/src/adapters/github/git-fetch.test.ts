import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Oid } from '@skein/protocol'
import { expect, test, vi } from 'vitest'
import type { FetchAnswer, FetchRequest } from '../../commands/github/github-remote.ts'
import { git, startGitServer, testSearchPath } from '../../testing/world.ts'
import { createUntrustedGit, type UntrustedGitRun } from '../egress/untrusted-git.ts'
import { createGithubWorld, quiet, startMeddler, type TestRepository } from './testing/github-world.ts'

// Processes start and answer; a machine under load needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const run = promisify(execFile)
const world = await createGithubWorld()
const { folder, github, control, createHost, makeRepository, makeBare, commitThere } = world
const bytesMax = 50 * 1_048_576
const ref = 'refs/remotes/github/main'
const one = (content: string) => [{ path: 'a.txt', content }]

const fetchInto = (
  repository: TestRepository,
  request: Pick<FetchRequest, 'directory' | 'wanted'> & Partial<FetchRequest>,
  host = createHost(),
): Promise<FetchAnswer> =>
  host.remote.fetch(repository, { fullName: repository.fullName, ref, bytesMax, ...request }, quiet)

async function makeFilled(content = 'one') {
  const repository = await makeRepository({ files: one('zero') })
  return { repository, tip: await commitThere(repository, one(content)) }
}

const packsOf = async (directory: string) =>
  (await readdir(path.join(directory, 'objects/pack'))).filter((name) => name.endsWith('.pack'))

/** A served bare repository, made by hand: what no hosting service would take. */
const served = path.join(folder, 'served')
await mkdir(path.join(served, 'acme'), { recursive: true })
const plain = await startGitServer(served)

async function serveTree(name: string, entries: string): Promise<Oid> {
  const directory = path.join(served, 'acme', `${name}.git`)
  await git(folder, 'init', '-q', '--bare', '-b', 'main', directory)
  const feed = async (args: string[], input: string) => {
    const child = run('git', ['--git-dir', directory, ...args])
    child.child.stdin?.end(input)
    return (await child).stdout.trim()
  }
  const blob = await feed(['hash-object', '-w', '--stdin'], '[submodule "x"]\n\tpath = x\n\turl = -uevil\n')
  const tree = await feed(['mktree', '--missing'], entries.replaceAll('BLOB', blob))
  const commit = await git(directory, 'commit-tree', tree, '-m', 'x')
  await git(directory, 'update-ref', 'refs/heads/main', commit)
  return commit as Oid
}

test('SN10: what is wanted comes with its history as packs, under the ref that was named, and nothing else', async () => {
  const { repository, tip } = await makeFilled()
  await commitThere(repository, one('other'), { branch: 'other' })
  const directory = await makeBare()
  expect(await fetchInto(repository, { directory, wanted: tip })).toEqual({ outcome: 'fetched' })
  expect(await git(directory, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(`${ref} ${tip}`)
  expect(await git(directory, 'rev-list', '--count', ref)).toBe('2')
  expect(await git(directory, 'count-objects', '-v')).toMatch(/^count: 0$/m)
  await git(directory, 'fsck', '--strict', '--full')
})

test('GS5: a second fetch brings only what is new, whole without what it borrows from', async () => {
  const text = randomBytes(60_000).toString('hex').replace(/.{60}/g, '$&\n')
  const { repository, tip } = await makeFilled(text)
  const cache = await makeBare()
  await fetchInto(repository, { directory: cache, wanted: tip })
  const next = await commitThere(repository, one(text.replace(/.{60}$/m, 'changed')))
  const directory = await makeBare(cache)
  await git(directory, 'update-ref', ref, tip)
  expect(await fetchInto(repository, { directory, wanted: next })).toEqual({ outcome: 'fetched' })
  const [pack = ''] = await packsOf(directory)
  const listed = await git(directory, 'verify-pack', '-v', path.join(directory, 'objects/pack', pack))
  const objects = listed.split('\n').filter((line) => /^[0-9a-f]{40} (?:commit|tree|blob)/.test(line))
  // A commit, a tree and a blob; the blob came as a difference to one that is here, which was added to make the pack whole.
  expect(objects).toHaveLength(4)
  expect((await stat(path.join(directory, 'objects/pack', pack))).size).toBeLessThan(120_000)
  await git(directory, 'fsck', '--strict')
})

test('GS5: what is here already is fetched without asking for it', async () => {
  const { repository, tip } = await makeFilled()
  const cache = await makeBare()
  await fetchInto(repository, { directory: cache, wanted: tip })
  const directory = await makeBare(cache)
  expect(await fetchInto(repository, { directory, wanted: tip })).toEqual({ outcome: 'fetched' })
  expect(await git(directory, 'rev-parse', ref)).toBe(tip)
  expect(await packsOf(directory)).toEqual([])
})

test('a commit that is not there any more is gone', async () => {
  const { repository } = await makeFilled()
  const wanted = 'c0ffee'.padEnd(40, '0') as Oid
  expect(await fetchInto(repository, { directory: await makeBare(), wanted })).toEqual({ outcome: 'gone' })
})

test('more than is allowed is cut off while it comes', async () => {
  const repository = await makeRepository()
  const noise = () => one(randomBytes(400_000).toString('hex'))
  let tip = await commitThere(repository, noise())
  for (let more = 0; more < 4; more += 1) tip = await commitThere(repository, noise())
  const directory = await makeBare()
  const answer = await fetchInto(repository, { directory, wanted: tip, bytesMax: 1_048_576 })
  expect(answer).toEqual({ outcome: 'refused', reason: 'What changed there is larger than 1 MiB.' })
  expect(await git(directory, 'for-each-ref')).toBe('')
})

test('SN10: forbidden entries are refused in the words of Git’s own check', async () => {
  const cases = {
    dotgit: ['40000 tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\t.GIT\n', 'hasDotgit'],
    parent: ['40000 tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\t..\n', 'hasDotdot'],
    modules: ['100644 blob BLOB\t.gitmodules\n', 'gitmodulesUrl'],
    link: ['120000 blob BLOB\t.gitmodules\n', 'gitmodulesSymlink'],
  } as const
  const repository = await makeRepository()
  const host = createHost({ gitUrl: plain.url })
  for (const [name, [entries, word]] of Object.entries(cases)) {
    const wanted = await serveTree(name, entries)
    const directory = await makeBare()
    const answer = await fetchInto(repository, { directory, wanted, fullName: `acme/${name}` }, host)
    expect(answer, name).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(word) })
    expect(await git(directory, 'for-each-ref'), name).toBe('')
  }
})

const isPack = ({ body }: { body: string }) => body.includes('command=fetch')

test('SN10: a pack whose bytes are not those that were sent is refused', async () => {
  const { repository, tip } = await makeFilled(randomBytes(5000).toString('hex'))
  const gitUrl = await startMeddler(github.gitUrl, (about) => {
    if (!isPack(about)) return about.bytes
    const at = about.bytes.indexOf('PACK') + 3000
    const bytes = Buffer.from(about.bytes)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
    return bytes
  })
  const answer = await fetchInto(repository, { directory: await makeBare(), wanted: tip }, createHost({ gitUrl }))
  expect(answer).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('damaged') })
})

test('GS11: a connection that ends in the middle is nobody’s damage: again later', async () => {
  const { repository, tip } = await makeFilled(randomBytes(100_000).toString('hex'))
  let cuts = 0
  const gitUrl = await startMeddler(github.gitUrl, (about) => {
    if (!isPack(about) || cuts > 0) return about.bytes
    cuts += 1
    return null
  })
  const host = createHost({ gitUrl })
  const directory = await makeBare()
  expect(await fetchInto(repository, { directory, wanted: tip }, host)).toMatchObject({
    outcome: 'failed',
    failure: { kind: 'unreachable', detail: expect.stringContaining('broke off') },
  })
  expect(await fetchInto(repository, { directory, wanted: tip }, host)).toEqual({ outcome: 'fetched' })
})

test('GS11: a token that ends between two requests of one fetch is replaced once', async () => {
  const { repository, tip } = await makeFilled()
  let isExpired = false
  const git = createUntrustedGit(testSearchPath)
  const runs: UntrustedGitRun[] = []
  const gitUrl = await startMeddler(github.gitUrl, async ({ url, bytes }) => {
    if (url.includes('/info/refs') && !isExpired) {
      isExpired = true
      await control('POST', 'tokens/expire')
    }
    return bytes
  })
  const host = createHost({ gitUrl, git: (one) => git(runs[runs.push(one) - 1] ?? one) })
  expect(await fetchInto(repository, { directory: await makeBare(), wanted: tip }, host)).toEqual({
    outcome: 'fetched',
  })
  const tokens = runs.map(({ config }) => config?.find(([key]) => key.endsWith('.extraHeader'))?.[1])
  expect(tokens).toHaveLength(2)
  expect(tokens[0]).not.toBe(tokens[1])
  expect(runs.flatMap(({ args }) => args).join(' ')).not.toMatch(/ghs_|x-access-token/)
})

test('GS10: a redirect is not followed: the repository has another name', async () => {
  const { repository, tip } = await makeFilled()
  await control('PATCH', `repositories/${repository.repositoryId}`, { name: `new-${repository.repositoryId}` })
  await world.calls()
  const answer = await fetchInto(repository, { directory: await makeBare(), wanted: tip })
  expect(answer).toEqual({ outcome: 'failed', failure: { kind: 'renamed' } })
  expect((await world.calls()).filter((call) => call.includes('/new-'))).toEqual([])
})

test('GS10: without the right to read it is told as such', async () => {
  const { repository, tip } = await makeFilled()
  await control('PATCH', `installations/${repository.installationId}`, { permissions: { metadata: 'read' } })
  expect(await fetchInto(repository, { directory: await makeBare(), wanted: tip })).toEqual({
    outcome: 'failed',
    failure: { kind: 'forbidden', detail: 'it lacks the permission “Contents: read”' },
  })
})

test('a fetch that is given up rejects after Git is gone', async () => {
  const repository = await makeRepository()
  await serveTree('slow', '100644 blob BLOB\ta.txt\n')
  const wanted = (await git(path.join(served, 'acme/slow.git'), 'rev-parse', 'main')) as Oid
  const host = createHost({ gitUrl: `${plain.url}/stalling` })
  const stop = new AbortController()
  const request = { fullName: 'acme/slow', directory: await makeBare(), wanted, ref, bytesMax }
  const fetching = host.remote.fetch(repository, request, stop.signal)
  fetching.catch(() => {})
  await vi.waitFor(async () => {
    const asked = await plain.calls()
    expect(asked.filter((call) => call === 'POST /stalling/acme/slow.git/git-upload-pack').length).toBeGreaterThan(0)
  })
  stop.abort(new Error('given up'))
  await expect(fetching).rejects.toThrow('given up')
})

test('what the machine and its user have set up decides nothing', async () => {
  const { repository, tip } = await makeFilled()
  const directory = await makeBare()
  await writeFile(path.join(folder, '.gitconfig'), '[http]\n\tproxy = http://127.0.0.1:1\n')
  const before = { ...process.env }
  Object.assign(process.env, { HOME: folder, http_proxy: 'http://127.0.0.1:1', GIT_SSL_NO_VERIFY: '1' })
  try {
    expect(await fetchInto(repository, { directory, wanted: tip })).toEqual({ outcome: 'fetched' })
  } finally {
    process.env = before
  }
})
