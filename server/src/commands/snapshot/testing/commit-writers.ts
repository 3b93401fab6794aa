/**
 * The peers of the snapshot benchmark: whoever else can add a commit of some changed files to a large tree. Each has
 * the tree of the base at hand and is told paths and contents; each leaves a commit on `main` that Git can read.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs, { mkdtempSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { editTree, encodeCommit, encodeObject, encodePack, type GitObject } from '@skein/git-model'
import isomorphicGit from 'isomorphic-git'
import { git } from './snapshot-world.ts'

export interface ChangedFile {
  path: string
  content: Buffer
}

export interface CommitWriter {
  name: string
  commit(files: readonly ChangedFile[]): Promise<void>
  close(): Promise<void>
  directory: string
}

const by = { name: 'Ana', email: 'ana@example.org', atMs: 1_700_000_000_000 }
const byLine = 'Ana <ana@example.org> 1700000000 +0000'

/** `git fast-import` left open, each commit made visible and durable as a pack by a checkpoint. */
export function openFastImport(source: string, folder: string): CommitWriter {
  const directory = copy(source, folder)
  const config = ['-c', 'fastimport.unpackLimit=1']
  const child = spawn('git', [...config, 'fast-import', '--quiet', '--force'], {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let told: (() => void) | undefined
  child.stdout.on('data', () => told?.())
  let isFirst = true
  return {
    name: 'git fast-import, open, checkpoint',
    directory,
    commit: async (files) => {
      const parts = [`commit refs/heads/main\ncommitter ${byLine}\ndata 2\nx\n\n`]
      if (isFirst) parts.push('from refs/heads/main^0\n')
      isFirst = false
      const done = new Promise<void>((resolve) => {
        told = resolve
      })
      child.stdin.write(parts.join(''))
      for (const { path, content } of files) {
        child.stdin.write(`M 100644 inline ${path}\ndata ${content.length}\n`)
        child.stdin.write(content)
        child.stdin.write('\n')
      }
      child.stdin.write('\ncheckpoint\nprogress done\n')
      await done
    },
    close: async () => {
      child.stdin.end()
      await new Promise((resolve) => child.once('close', resolve))
    },
  }
}

type IsomorphicEntry = { mode: string; path: string; oid: string; type: 'blob' | 'tree' | 'commit' }

/**
 * isomorphic-git's own writers, with all trees kept in memory, which is the fastest way to use it. Nothing is synced to
 * disk.
 */
export async function openIsomorphicGit(source: string, folder: string): Promise<CommitWriter> {
  const gitdir = copy(source, folder)
  const cache = {}
  let head = await isomorphicGit.resolveRef({ fs, gitdir, ref: 'main' })
  const { commit } = await isomorphicGit.readCommit({ fs, gitdir, oid: head, cache })
  const trees = new Map<string, IsomorphicEntry[]>()
  const load = async (path: string, oid: string): Promise<void> => {
    const { tree } = await isomorphicGit.readTree({ fs, gitdir, oid, cache })
    trees.set(path, tree as IsomorphicEntry[])
    for (const entry of tree) if (entry.type === 'tree') await load(join(path, entry.path), entry.oid)
  }
  await load('.', commit.tree)

  const write = async (folderPath: string, touched: ReadonlyMap<string, string>): Promise<string> => {
    const tree: IsomorphicEntry[] = []
    for (const entry of trees.get(folderPath) ?? []) {
      const path = join(folderPath, entry.path)
      const isAbove = entry.type === 'tree' && [...touched.keys()].some((each) => each.startsWith(`${path}/`))
      tree.push({ ...entry, oid: isAbove ? await write(path, touched) : (touched.get(path) ?? entry.oid) })
    }
    trees.set(folderPath, tree)
    return isomorphicGit.writeTree({ fs, gitdir, tree })
  }
  const signature = { name: by.name, email: by.email, timestamp: by.atMs / 1000, timezoneOffset: 0 }
  return {
    name: 'isomorphic-git, trees kept in memory',
    directory: gitdir,
    commit: async (files) => {
      const touched = new Map<string, string>()
      for (const { path, content } of files) {
        touched.set(path, await isomorphicGit.writeBlob({ fs, gitdir, blob: content }))
      }
      const tree = await write('.', touched)
      const object = { tree, parent: [head], author: signature, committer: signature, message: 'x\n' }
      head = await isomorphicGit.writeCommit({ fs, gitdir, commit: object })
      await isomorphicGit.writeRef({ fs, gitdir, ref: 'refs/heads/main', value: head, force: true })
    },
    close: async () => {},
  }
}

/**
 * What a snapshot does between its cut and its rows: blobs, trees, commit, pack, index; synced to disk as fast-import
 * does it.
 */
export function openGitModel(source: string, folder: string): CommitWriter {
  const directory = copy(source, folder)
  const packs = join(directory, 'objects/pack')
  let head = git(directory, ['rev-parse', 'main']).toString().trim()
  let root = git(directory, ['rev-parse', 'main^{tree}']).toString().trim()
  const trees = new Map<string, Uint8Array>()
  for (const oid of [root, ...treesBelow(directory, root)]) trees.set(oid, git(directory, ['cat-file', 'tree', oid]))
  const read = (oid: string) => trees.get(oid) ?? new Uint8Array()
  return {
    name: 'git-model: blobs, trees, commit, pack, synced',
    directory,
    commit: async (files) => {
      const blobs = files.map(({ path, content }) => ({ path, blob: encodeObject('blob', content) }))
      const changes = blobs.map(({ path, blob }) => ({
        path: Buffer.from(path),
        entry: { mode: 0o100644, oid: blob.oid },
      }))
      const edit = await editTree(root, changes, read)
      const commit = encodeCommit({ tree: edit.oid, parents: [head], author: by, committer: by, message: 'x\n' })
      const objects: GitObject[] = [...blobs.map(({ blob }) => blob), ...edit.trees, commit]
      const { sha, pack, index } = await encodePack(objects)
      await mkdir(packs, { recursive: true })
      await Promise.all([
        writeSynced(join(packs, `pack-${sha}.pack`), pack),
        writeSynced(join(packs, `pack-${sha}.idx`), index),
      ])
      await writeSynced(join(directory, 'refs/heads/main'), Buffer.from(`${commit.oid}\n`))
      for (const tree of edit.trees) trees.set(tree.oid, tree.body)
      root = edit.oid
      head = commit.oid
    },
    close: async () => {},
  }
}

function treesBelow(directory: string, root: string): string[] {
  return git(directory, ['ls-tree', '-r', '-d', '--format=%(objectname)', root]).toString().split('\n').filter(Boolean)
}

async function writeSynced(file: string, content: Buffer): Promise<void> {
  const handle = await open(`${file}.tmp`, 'w')
  await handle.write(content)
  await handle.sync()
  await handle.close()
  await rename(`${file}.tmp`, file)
}

function copy(source: string, folder: string): string {
  const directory = mkdtempSync(join(folder, 'writer-'))
  git(folder, ['clone', '-q', '--bare', '--no-hardlinks', source, directory])
  return directory
}

/** Text that compresses as prose does, different for every seed. */
export function makeProse(seed: string, bytes: number): Buffer {
  const lines: string[] = []
  let size = 0
  for (let n = 0; size < bytes; n++) {
    const noise = createHash('sha1').update(`${seed} ${n}`).digest('base64').slice(0, 12)
    const line = `const value${n} = compute(${noise.length}, "${noise}") // line ${n} of a file that people edit\n`
    lines.push(line)
    size += line.length
  }
  return Buffer.from(lines.join('').slice(0, bytes))
}
