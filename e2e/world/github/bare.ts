/** The bare repositories of the stand-in: made with the hook that judges pushes, read and written with Git itself. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nextId, type World } from './state.ts'

const run = promisify(execFile)
const receiveHook = join(import.meta.dirname, 'receive.ts')
const gitEnvironment = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Octo Cat',
  GIT_AUTHOR_EMAIL: 'octo@example.org',
  GIT_COMMITTER_NAME: 'Octo Cat',
  GIT_COMMITTER_EMAIL: 'octo@example.org',
}

export interface RemoteFile {
  path: string
  content: string
}

/** One push that moved a ref, as the hook wrote it down. */
export interface PushRecord {
  ref: string
  before: string
  after: string
  forced: boolean
  installationId: number
}

export function bareDirectory(world: World, repositoryId: number): string {
  return join(world.dataDir, 'repositories', `${repositoryId}.git`)
}

async function git(directory: string, args: string[], more: { input?: string; index?: string } = {}): Promise<string> {
  const env = { ...gitEnvironment, ...(more.index === undefined ? {} : { GIT_INDEX_FILE: more.index }) }
  const child = run('git', ['--git-dir', directory, ...args], { env, maxBuffer: 64 * 1024 * 1024 })
  // Git may end before it has read its input; what it says about that is its exit code.
  child.child.stdin?.on('error', () => {}).end(more.input ?? '')
  return (await child).stdout.trim()
}

export async function createBare(world: World, repositoryId: number, defaultBranch: string): Promise<void> {
  const directory = bareDirectory(world, repositoryId)
  await mkdir(directory, { recursive: true })
  await run('git', ['init', '-q', '--bare', '-b', defaultBranch, directory], { env: gitEnvironment })
  await git(directory, ['config', 'http.receivepack', 'true'])
  await git(directory, ['config', 'receive.fsckObjects', 'true'])
  // GitHub lets a partial clone ask for single objects.
  await git(directory, ['config', 'uploadpack.allowFilter', 'true'])
  await git(directory, ['config', '--add', 'receive.procReceiveRefs', 'refs'])
  const hook = join(directory, 'hooks', 'proc-receive')
  await mkdir(join(directory, 'hooks'), { recursive: true })
  await writeFile(hook, `#!/bin/sh\nexec '${process.execPath}' '${receiveHook}'\n`)
  await chmod(hook, 0o755)
}

export async function deleteBare(world: World, repositoryId: number): Promise<void> {
  await rm(bareDirectory(world, repositoryId), { recursive: true, force: true })
}

export async function setHead(world: World, repositoryId: number, branch: string): Promise<void> {
  await git(bareDirectory(world, repositoryId), ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
}

/** Oid of a ref, or null. */
export async function readRef(world: World, repositoryId: number, ref: string): Promise<string | null> {
  const oid = await git(bareDirectory(world, repositoryId), ['for-each-ref', '--format=%(objectname)', ref])
  return oid === '' ? null : oid
}

export async function renameRef(world: World, repositoryId: number, from: string, to: string): Promise<void> {
  const oid = await readRef(world, repositoryId, from)
  if (oid === null) return
  const directory = bareDirectory(world, repositoryId)
  await git(directory, ['update-ref', to, oid])
  await git(directory, ['update-ref', '-d', from])
}

/** Commits as somebody on GitHub's own pages would: on top of the branch, or (with `fromScratch`) in its place, which is a force-push. */
export async function commitFiles(
  world: World,
  repositoryId: number,
  branch: string,
  files: RemoteFile[],
  message: string,
  fromScratch: boolean,
): Promise<string> {
  const directory = bareDirectory(world, repositoryId)
  const ref = `refs/heads/${branch}`
  const parent = fromScratch ? null : await readRef(world, repositoryId, ref)
  const index = join(directory, `commit-${nextId(world)}.index`)
  try {
    if (parent !== null) await git(directory, ['read-tree', parent], { index })
    const entries: string[] = []
    for (const file of files) {
      const oid = await git(directory, ['hash-object', '-w', '--stdin'], { input: file.content })
      entries.push(`100644 ${oid}\t${file.path}\0`)
    }
    await git(directory, ['update-index', '-z', '--index-info'], { index, input: entries.join('') })
    const tree = await git(directory, ['write-tree'], { index })
    const commit = await git(directory, [
      'commit-tree',
      tree,
      ...(parent === null ? [] : ['-p', parent]),
      '-m',
      message,
    ])
    await git(directory, ['update-ref', ref, commit])
    return commit
  } finally {
    await rm(index, { force: true })
  }
}

/** Every push that moved something in this repository, oldest first. */
export async function readPushes(world: World, repositoryId: number): Promise<PushRecord[]> {
  const text = await readFile(join(bareDirectory(world, repositoryId), 'pushes.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PushRecord)
}
