/** The bare repositories of the stand-in: made with the hook that judges pushes, read and written with Git itself. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { World } from './state.ts'

const run = promisify(execFile)
const receiveHook = join(import.meta.dirname, 'receive.ts')
export const zeroOid = '0'.repeat(40)
export const gitEnvironment = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Octo Cat',
  GIT_AUTHOR_EMAIL: 'octo@example.org',
  GIT_COMMITTER_NAME: 'Octo Cat',
  GIT_COMMITTER_EMAIL: 'octo@example.org',
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

/** Runs Git in a bare repository; rejects with what it said when it fails. */
export async function git(
  directory: string,
  args: string[],
  more: { input?: string | Buffer; env?: Record<string, string> } = {},
): Promise<string> {
  const env = { ...gitEnvironment, ...more.env }
  const child = run('git', ['--git-dir', directory, ...args], { env, maxBuffer: 256 * 1024 * 1024 })
  // Git may end before it has read its input; what it says about that is its exit code.
  child.child.stdin?.on('error', () => {}).end(more.input ?? '')
  return (await child).stdout.trim()
}

export async function createBare(world: World, repositoryId: number, defaultBranch: string): Promise<void> {
  const directory = bareDirectory(world, repositoryId)
  await mkdir(directory, { recursive: true })
  await run('git', ['init', '-q', '--bare', '-b', defaultBranch, directory], { env: gitEnvironment })
  const settings = [
    ['http.receivepack', 'true'],
    ['receive.fsckObjects', 'true'],
    // GitHub lets a partial clone ask for single objects, and any client for a commit that no branch names.
    ['uploadpack.allowFilter', 'true'],
    ['uploadpack.allowAnySHA1InWant', 'true'],
    // Where commits are prepared before their branch moves.
    ['transfer.hideRefs', 'refs/prepared'],
    // Pull requests are advertised to those who fetch, and nobody pushes to them.
    ['receive.hideRefs', 'refs/pull'],
    ['gc.auto', '0'],
    ['receive.autogc', 'false'],
    ['receive.procReceiveRefs', 'refs'],
  ]
  const section = settings.map(([name = '', value]) => {
    const [group, key] = name.split('.')
    return `[${group}]\n\t${key} = ${value}\n`
  })
  const config = await open(join(directory, 'config'), 'a')
  await config.write(section.join(''))
  await config.close()
  const hook = join(directory, 'hooks', 'proc-receive')
  await mkdir(join(directory, 'hooks'), { recursive: true })
  await writeFile(hook, `#!/bin/sh\nexec '${process.execPath}' '${receiveHook}'\n`)
  await chmod(hook, 0o755)
}

export async function deleteBare(world: World, repositoryId: number): Promise<void> {
  await rm(bareDirectory(world, repositoryId), { recursive: true, force: true, maxRetries: 5 })
}

export async function setHead(world: World, repositoryId: number, branch: string): Promise<void> {
  await git(bareDirectory(world, repositoryId), ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
}

/** Oid of a ref, or null. */
export async function readRef(world: World, repositoryId: number, ref: string): Promise<string | null> {
  const listed = await git(bareDirectory(world, repositoryId), [
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    ref,
  ])
  const line = listed.split('\n').find((text) => text.endsWith(` ${ref}`))
  return line?.split(' ')[0] ?? null
}

/** Branches with their commits. */
export async function readBranches(world: World, repositoryId: number): Promise<Map<string, string>> {
  const directory = bareDirectory(world, repositoryId)
  const listed = await git(directory, ['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads/'])
  const lines = listed.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]))
}

export async function isAncestor(directory: string, older: string, newer: string): Promise<boolean> {
  return git(directory, ['merge-base', '--is-ancestor', older, newer]).then(
    () => true,
    () => false,
  )
}

/** The tree of a three-way merge of two commits, or null when it conflicts. */
export async function mergeTrees(directory: string, ours: string, theirs: string): Promise<string | null> {
  try {
    return (await git(directory, ['merge-tree', '--write-tree', '--no-messages', ours, theirs])).split('\n')[0] ?? null
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return null
    throw error
  }
}
