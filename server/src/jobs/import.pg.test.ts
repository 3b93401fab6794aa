import { randomUUID } from 'node:crypto'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { jobQueries } from '@skein/db'
import { createTestDatabase } from '@skein/db/testing'
import type { JobId, ProjectId, WorkspaceId } from '@skein/protocol'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { createDial } from '../adapters/egress/dial.ts'
import { createRemoteSource, type RemoteSourceOptions } from '../adapters/egress/git-remote-source.ts'
import { createUntrustedGit } from '../adapters/egress/untrusted-git.ts'
import { recordEvent } from '../adapters/events/postgres-event-hub.ts'
import { GitProgram } from '../adapters/git/git-program.ts'
import { PostgresGitStore } from '../adapters/git/postgres-git-store.ts'
import { createImports } from '../commands/import/request-import.ts'
import { cancelJob } from '../commands/jobs/end-job.ts'
import { deleteProject } from '../commands/projects/change-project.ts'
import { createTestFolder, git, startGitServer, testSearchPath } from '../testing/world.ts'
import { createImportJob } from './import.ts'
import { type JobHandler, JobLoop } from './job-loop.ts'

const { database, ask } = await createTestDatabase()
const folder = await createTestFolder()
const root = path.join(folder, 'served')
await mkdir(root)
const server = await startGitServer(root)
const store = new PostgresGitStore({ database, cacheDir: path.join(folder, 'cache'), searchPath: testSearchPath })
const trustedHosts = [server.host]
const actor = { userId: 'ana' as never, name: 'Ana', email: 'ana@example.org', token: null }
// Other tests may hold the machine; what is waited for comes in its time.
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 25_000 })
const loops: JobLoop[] = []
const faults: unknown[] = []

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.drain()))
})

function createHandler(more: Partial<RemoteSourceOptions> = {}): JobHandler {
  const remotes = createRemoteSource({
    scratchDir: path.join(folder, 'scratch'),
    git: createUntrustedGit(testSearchPath),
    localGit: new GitProgram(testSearchPath),
    dial: createDial(),
    trustedHosts,
    bytesMax: 200_000_000,
    timeMaxMs: 60_000,
    freeBytesMin: 0,
    ...more,
  })
  return createImportJob({ db: database, git: store, remotes, record: recordEvent, trustedHosts })
}

async function startLoop(handler: JobHandler, leaseMs = 30_000): Promise<JobLoop> {
  const logFault = (error: unknown) => faults.push(error)
  const loop = new JobLoop({
    db: database,
    record: recordEvent,
    handlers: { import: handler },
    logFault,
    leaseMs,
    pollMs: 200,
  })
  loops.push(loop)
  await loop.start()
  return loop
}

interface Place {
  projectId: ProjectId
  workspaceId: WorkspaceId
  jobId: JobId
}

async function askForImport(url: string): Promise<Place> {
  const workspaceId = randomUUID() as WorkspaceId
  const projectId = randomUUID() as ProjectId
  await ask('insert into workspace (id, slug, name) values ($1, $2, $2)', [workspaceId, `w-${workspaceId}`])
  await ask(
    `insert into project (id, workspace_id, slug, name, state, source, source_url, created_by) values ($1, $2, 'p', 'P', 'importing', 'git', $3, 'person:ana')`,
    [projectId, workspaceId, url],
  )
  const imports = createImports(trustedHosts)
  const jobId = await database.inWorkspace(workspaceId, (tx) =>
    imports.enqueue(tx, { projectId, workspaceId }, url, actor),
  )
  return { projectId, workspaceId, jobId }
}

const jobOf = ({ jobId, workspaceId }: Place) => jobQueries.findJob(database.instance, jobId, [workspaceId])
const stateOf = async (place: Place) => (await jobOf(place))?.state
const projectOf = async ({ projectId }: Place) =>
  (
    await ask<{ state: string; branch: string }>('select state, default_branch as branch from project where id = $1', [
      projectId,
    ])
  )[0]
const eventsOf = async ({ projectId }: Place) =>
  (await ask<{ type: string }>('select type from event where project_id = $1 order by seq', [projectId])).map(
    ({ type }) => type,
  )
const filesOf = ({ projectId }: Place) =>
  ask<{
    path: string
    kind: string
    mode: number
    eol: string | null
    bom: boolean
    text: string | null
    clean: boolean
    raw: Buffer | null
  }>(
    `select f.path, f.kind, f.mode, f.eol, f.bom, s.text, f.path_raw as raw,
       f.committed_path = f.path and f.committed_mode = f.mode and f.committed_oid is not null as clean
     from file f left join document_state s on s.document_id = f.document_id and s.upto_seq = 0 and s.state is null
     where f.project_id = $1 order by f.path collate "C"`,
    [projectId],
  )

/** Every odd kind of file; some need entries that no file system would let us make. */
async function makeOddRepository(): Promise<string> {
  const work = path.join(folder, 'odd')
  await mkdir(path.join(work, 'deep/'.repeat(30), 'er'), { recursive: true })
  await git(work, 'init', '-q', '-b', 'trunk')
  await git(work, 'config', 'core.autocrlf', 'false')
  const files: [string, string | Buffer][] = [
    ['lf.txt', 'one\ntwo\n'],
    ['crlf.txt', 'one\r\ntwo\r\n'],
    ['mixed.txt', 'one\r\ntwo\nthree\r'],
    ['bom.txt', '\ufeffbom\n'],
    ['empty.txt', ''],
    ['no-end.txt', 'no line end'],
    ['latin1.txt', Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a])],
    ['utf16.txt', Buffer.from('\ufeffab', 'utf16le')],
    ['binary.bin', Buffer.from([0, 1, 2, 3, 255])],
    ['large.txt', 'x'.repeat(5 * 1024 * 1024)],
    ['run.sh', '#!/bin/sh\n'],
    ['lfs.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'],
    [`${'deep/'.repeat(30)}er/file.md`, 'deep\n'],
    ['ünï ☃ 文.md', 'names\n'],
    ['emoji.txt', 'a 😀 b\u2028c\n'],
  ]
  for (const [name, content] of files) await writeFile(path.join(work, name), content)
  await chmod(path.join(work, 'run.sh'), 0o755)
  await symlink('../anywhere', path.join(work, 'link'))
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Odd files')
  const blob = await git(work, 'hash-object', '-w', 'lf.txt')
  const submodule = await git(work, 'rev-parse', 'HEAD')
  const entries = [
    ...['README', 'readme', 'Read\\me', 'trailing.'].map((name) => `100644 ${blob}\t${name}`),
    `160000 ${submodule}\tvendor/lib`,
  ]
  for (const entry of entries) {
    const [info = '', name = ''] = entry.split('\t')
    await git(work, 'update-index', '--add', '--cacheinfo', `${info.replace(' ', ',')},${name}`)
  }
  await git(work, 'commit', '-qm', 'Names that twin')
  // A name that is not UTF-8, in a commit of its own: only mktree takes the bytes.
  const tree = await git(work, 'write-tree')
  const listing = await git(work, 'ls-tree', tree)
  await writeFile(
    path.join(work, 'listing'),
    Buffer.concat([Buffer.from(`${listing}\n`), Buffer.from(`100644 blob ${blob}\t"f\\377.c"\n`)]),
  )
  const oddTree = await git(work, '-c', 'core.quotePath=true', 'hash-object', '-t', 'blob', '-w', 'listing').then(() =>
    makeTree(work),
  )
  const tip = await git(work, 'commit-tree', oddTree, '-p', 'HEAD', '-m', 'Not UTF-8')
  await git(work, 'update-ref', 'refs/heads/trunk', tip)
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'odd.git'))
  return tip
}

async function makeTree(work: string): Promise<string> {
  const { execFileSync } = await import('node:child_process')
  const { readFile } = await import('node:fs/promises')
  return execFileSync('git', ['mktree'], { cwd: work, input: await readFile(path.join(work, 'listing')) })
    .toString()
    .trim()
}

let oddTip = ''
beforeAll(async () => {
  oddTip = await makeOddRepository()
})

test('a repository with every odd kind of file is kept whole, with nothing left to commit', async () => {
  const place = await askForImport(`${server.url}/odd.git`)
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('done')
  expect(await projectOf(place)).toEqual({ state: 'ready', branch: 'trunk' })
  expect(await store.head(place, 'trunk')).toBe(oddTip)
  const files = await filesOf(place)
  expect(files.every(({ clean }) => clean)).toBe(true)
  const kinds = Object.fromEntries(files.map(({ path: name, kind }) => [name.replace(/^(deep\/)+/, ''), kind]))
  expect(kinds).toEqual({
    ...Object.fromEntries(
      ['lf.txt', 'crlf.txt', 'mixed.txt', 'bom.txt', 'empty.txt', 'no-end.txt'].map((name) => [name, 'text']),
    ),
    ...Object.fromEntries(['run.sh', 'er/file.md', 'ünï ☃ 文.md', 'emoji.txt'].map((name) => [name, 'text'])),
    ...Object.fromEntries(['latin1.txt', 'utf16.txt', 'binary.bin', 'large.txt'].map((name) => [name, 'binary'])),
    ...Object.fromEntries(['README', 'readme', 'Read\\me', 'trailing.', 'f\ufffd.c'].map((name) => [name, 'opaque'])),
    ...{ link: 'symlink', 'vendor/lib': 'submodule', 'lfs.bin': 'lfs' },
  })
  const of = (name: string) => files.find((file) => file.path === name)
  expect(of('crlf.txt')).toMatchObject({ eol: 'crlf', text: 'one\ntwo\n' })
  expect(of('mixed.txt')).toMatchObject({ eol: 'mixed', text: 'one\r\ntwo\nthree\r' })
  expect(of('bom.txt')).toMatchObject({ bom: true, text: 'bom\n' })
  expect(of('run.sh')).toMatchObject({ mode: 0o100755 })
  expect(of('f\ufffd.c')?.raw).toEqual(Buffer.from([0x66, 0xff, 0x2e, 0x63]))
  const commits = await ask<{ message: string }>('select message from git_commit where project_id = $1 order by n', [
    place.projectId,
  ])
  expect(commits.map(({ message }) => message.trim())).toEqual(['Odd files', 'Names that twin', 'Not UTF-8'])
  expect(await ask('select 1 from dirty_file where project_id = $1', [place.projectId])).toEqual([])
  expect(await eventsOf(place)).toEqual(['job', 'project'])
  expect(faults).toEqual([])
})

test('EG9: history with the harmless slips of old tools comes in', async () => {
  const work = path.join(folder, 'old')
  await git(folder, 'init', '-q', '-b', 'main', work)
  await writeFile(path.join(work, 'x'), 'x\n')
  const blob = await git(work, 'hash-object', '-w', 'x')
  const write = async (type: string, content: Buffer) => {
    await writeFile(path.join(work, 'object'), content)
    return git(work, 'hash-object', '-w', '-t', type, '--literally', 'object')
  }
  const treeOf = (mode: string, name: string, oid: string) =>
    write('tree', Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]))
  const tree = await treeOf('040000', 'docs', await treeOf('100664', 'x', blob))
  const who = 'Ana <ana@example.org>'
  const commit = await write(
    'commit',
    Buffer.from(`tree ${tree}\nauthor ${who} 1 +051800\ncommitter ${who} 1 +051800\n\nOld\n`),
  )
  await git(work, 'update-ref', 'refs/heads/main', commit)
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'old.git'))
  const place = await askForImport(`${server.url}/old.git`)
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('done')
  // Git shows the nearest mode of today; the tree keeps its own until somebody changes the file.
  expect(await filesOf(place)).toMatchObject([{ path: 'docs/x', kind: 'text', mode: 0o100644, clean: true }])
  expect(await store.head(place, 'main')).toBe(commit)
})

test('ten thousand files come in', async () => {
  const work = path.join(folder, 'many')
  await git(folder, 'init', '-q', '-b', 'main', work)
  for (let n = 0; n < 100; n += 1) {
    await mkdir(path.join(work, `d${n}`))
    for (let m = 0; m < 100; m += 1)
      await writeFile(path.join(work, `d${n}/f${m}.md`), `# File ${n}/${m}\n${'text '.repeat(100)}\n`)
  }
  await git(work, 'add', '-A')
  await git(work, 'commit', '-qm', 'Many')
  await git(folder, 'clone', '-q', '--bare', work, path.join(root, 'many.git'))
  const place = await askForImport(`${server.url}/many.git`)
  const startedAt = performance.now()
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('done')
  console.info(`10,000 files imported in ${Math.round(performance.now() - startedAt)} ms`)
  expect(await filesOf(place)).toHaveLength(10_000)
  expect(await jobOf(place)).toMatchObject({ error: null, attempts: 1 })
})

test('an import of an empty repository is a ready, empty project', async () => {
  await git(folder, 'init', '-q', '--bare', '-b', 'main', path.join(root, 'empty.git'))
  const place = await askForImport(`${server.url}/empty.git`)
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('done')
  expect(await projectOf(place)).toEqual({ state: 'ready', branch: 'main' })
})

test('what cannot be imported is told with a code, words and a hint, and the project has failed', async () => {
  await startLoop(createHandler({ bytesMax: 3_000_000 }))
  const cases: [string, string, RegExp][] = [
    ['private/x', 'git-private', /private/],
    ['nothing.git', 'git-not-a-repository', /no Git repository/],
    ['broken/x', 'git-unreachable', /could not be reached/],
    [`redirect/1/${encodeURIComponent('http://10.0.0.1/x')}`, 'git-refused', /does not connect/],
    ['endless/odd.git', 'quota-exceeded', /too large/],
  ]
  for (const [target, code, message] of cases) {
    const place = await askForImport(`${server.url}/${target}`)
    await eventually(() => stateOf(place)).toBe('failed')
    const error = (await jobOf(place))?.error
    expect(error, target).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) })
    expect(await projectOf(place)).toMatchObject({ state: 'failed' })
    expect(await eventsOf(place)).toEqual(['project', 'job'])
  }
})

test('a bad address is refused at once, and more than three imports of a workspace too', async () => {
  await expect(askForImport('https://me:secret@github.com/a/b')).rejects.toMatchObject({ code: 'invalid-url' })
  const place = await askForImport(`${server.url}/odd.git`)
  const enqueue = () =>
    database.inWorkspace(place.workspaceId, (tx) =>
      createImports(trustedHosts).enqueue(tx, place, `${server.url}/odd.git`, actor),
    )
  await enqueue()
  await enqueue()
  await expect(enqueue()).rejects.toMatchObject({ code: 'rate-limited' })
  await ask(`update job set state = 'cancelled' where state = 'queued'`)
})

test('a running import shows how far it is, and cancelling ends it', async () => {
  const place = await askForImport(`${server.url}/stalling/odd.git`)
  await startLoop(createHandler())
  await eventually(async () => (await jobOf(place))?.progress?.phase).toMatch(/Asking|preparing/)
  expect((await cancelJob({ db: database, record: recordEvent }, { ...place, id: place.jobId }))?.state).toBe('running')
  await eventually(() => stateOf(place)).toBe('cancelled')
  expect(await projectOf(place)).toMatchObject({ state: 'failed' })
})

test('deleting a project ends its import', async () => {
  const place = await askForImport(`${server.url}/stalling/odd.git`)
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('running')
  await deleteProject({ db: database, record: recordEvent }, place, actor)
  await eventually(() => stateOf(place)).toBe('cancelled')
  expect(faults).toEqual([])
})

test('an import that waits is cancelled at once', async () => {
  const place = await askForImport(`${server.url}/odd.git`)
  expect((await cancelJob({ db: database, record: recordEvent }, { ...place, id: place.jobId }))?.state).toBe(
    'cancelled',
  )
  expect(await projectOf(place)).toMatchObject({ state: 'failed' })
  expect(await cancelJob({ db: database, record: recordEvent }, { ...place, id: place.jobId })).toBeNull()
})

test('the job of a killed worker is done by the next one', async () => {
  const place = await askForImport(`${server.url}/odd.git`)
  // A worker that claimed the job and was never heard of again.
  await database.onInstance((tx) => jobQueries.claimJob(tx, 300))
  await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('done')
  expect(await jobOf(place)).toMatchObject({ attempts: 2 })
})

test('a worker whose lease was taken does not finish the job', async () => {
  const place = await askForImport(`${server.url}/odd.git`)
  const gate = Promise.withResolvers<void>()
  const inner = createHandler()
  const slow: JobHandler = async (job, run) => {
    if (job.attempts === 1) await gate.promise
    return inner(job, run)
  }
  const first = await startLoop(slow)
  await eventually(() => stateOf(place)).toBe('running')
  await ask(`update job set leased_until = now() - interval '1 second' where id = $1`, [place.jobId])
  await startLoop(inner)
  await eventually(() => stateOf(place)).toBe('done')
  gate.resolve()
  await first.drain()
  expect(await jobOf(place)).toMatchObject({ state: 'done', attempts: 2 })
  expect(new Set((await filesOf(place)).map(({ path: name }) => name)).size).toBe((await filesOf(place)).length)
})

test('draining puts a running import back, and the next worker does it', async () => {
  const place = await askForImport(`${server.url}/stalling/odd.git`)
  const loop = await startLoop(createHandler())
  await eventually(() => stateOf(place)).toBe('running')
  await loop.drain()
  expect(await jobOf(place)).toMatchObject({ state: 'queued', attempts: 0 })
  await ask(`update job set state = 'cancelled' where id = $1`, [place.jobId])
})
