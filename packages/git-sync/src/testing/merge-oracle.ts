/** Real Git as the oracle of merges: three trees go in, and what `git merge-tree` and `git diff-tree` say of them comes out. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeObject } from '@skein/git-model'
import type { FileKind, Oid } from '@skein/protocol'
import type { TheirChange } from '../pair-files.ts'
import type { Entry } from '../tree-plan.ts'

/** A file of a test; the content of a submodule is the oid of its commit. */
export interface TestFile {
  mode: number
  content: string
}
export type TestTree = ReadonlyMap<string, TestFile>

export const regular = 0o100644
export const executable = 0o100755
export const symlink = 0o120000
export const submodule = 0o160000

const environment = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }

/** What the server's readers would make of the file. */
export function toEntry(path: string, { mode, content }: TestFile): Entry {
  const kind: FileKind =
    mode === submodule ? 'submodule' : mode === symlink ? 'symlink' : content.includes('\0') ? 'binary' : 'text'
  return { path, mode, kind, oid: oidOf({ mode, content }) }
}

export const oidOf = ({ mode, content }: TestFile): Oid =>
  (mode === submodule ? content : encodeObject('blob', Buffer.from(content)).oid) as Oid

export class MergeOracle {
  readonly #directory = mkdtempSync(join(tmpdir(), 'skein-git-sync-'))
  #cases = 0

  constructor() {
    this.#git(['init', '-q', '--bare', '.'])
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** Writes the trees as commits, ours and theirs on top of base, and merges. */
  merge(trees: { base: TestTree; ours: TestTree; theirs: TestTree }): {
    isClean: boolean
    tree: Map<string, string>
    changes: TheirChange[]
    /** Git's own words on its conflicts. */
    messages: string
  } {
    const name = `refs/cases/${++this.#cases}`
    const stream = Object.entries(trees).map(([side, tree]) => writeCommit(name, side, tree))
    this.#git(['fast-import', '--quiet'], stream.join(''))
    // That a whole folder was renamed is a guess about files that nobody wrote yet (TM12).
    const args = [
      '-c',
      'merge.directoryRenames=false',
      'merge-tree',
      '--write-tree',
      '-z',
      `${name}/ours`,
      `${name}/theirs`,
    ]
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: this.#directory, env: environment })
    if (status !== 0 && status !== 1) throw new Error(`git merge-tree failed: ${stderr}`)
    const [oid = '', ...messages] = stdout.toString('latin1').split('\0')
    return {
      isClean: status === 0,
      tree: this.#readTree(oid),
      changes: this.#readChanges(name, trees.theirs),
      messages: messages.join(' '),
    }
  }

  /** Texts as `git merge-file` merges them, ours where they are in conflict. */
  mergeText(base: string, ours: string, theirs: string): { text: string; conflicts: number } {
    if (base === ours) return { text: theirs, conflicts: 0 }
    const texts = { base, ours, theirs }
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(this.#directory, name), text)
    const plain = this.#mergeFile([])
    return plain.conflicts === 0 ? plain : { ...this.#mergeFile(['--ours']), conflicts: plain.conflicts }
  }

  #mergeFile(favor: readonly string[]): { text: string; conflicts: number } {
    const args = ['merge-file', '-p', ...favor, 'ours', 'base', 'theirs']
    const { status, stdout } = spawnSync('git', args, { cwd: this.#directory, env: environment })
    if (status === null || status > 127) throw new Error(`git merge-file failed with ${status}`)
    return { text: stdout.toString(), conflicts: status }
  }

  #readTree(oid: string): Map<string, string> {
    const lines = this.#git(['ls-tree', '-r', '-z', oid]).split('\0').slice(0, -1)
    return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]))
  }

  #readChanges(name: string, theirs: TestTree): TheirChange[] {
    const args = ['diff-tree', '-r', '-M', '-z', '--raw', `${name}/base`, `${name}/theirs`]
    const fields = this.#git(args).split('\0')
    const changes: TheirChange[] = []
    const entryAt = (path: string): Entry => {
      const file = theirs.get(path)
      if (!file) throw new Error(`Git tells of ${path}, which is not in the tree`)
      return toEntry(path, file)
    }
    for (let i = 0; i + 1 < fields.length; ) {
      const status = fields[i]?.split(' ').at(-1)?.[0]
      const path = fields[i + 1] ?? ''
      const to = status === 'R' ? (fields[i + 2] ?? '') : path
      i += status === 'R' ? 3 : 2
      changes.push({ from: status === 'A' ? null : path, to: status === 'D' ? null : entryAt(to) })
    }
    return changes
  }

  #git(args: readonly string[], input = ''): string {
    return execFileSync('git', args, { cwd: this.#directory, env: environment, input, stdio: 'pipe' }).toString()
  }
}

function writeCommit(name: string, side: string, tree: TestTree): string {
  const lines = [`commit ${name}/${side}`, 'committer T <t@example.com> 0 +0000', 'data 0']
  if (side !== 'base') lines.push(`from ${name}/base`)
  lines.push('deleteall')
  for (const [path, { mode, content }] of tree) {
    const octal = mode.toString(8)
    if (mode === submodule) lines.push(`M ${octal} ${content} ${path}`)
    else lines.push(`M ${octal} inline ${path}`, `data ${Buffer.byteLength(content)}`, content)
  }
  return `${lines.join('\n')}\n\n`
}
