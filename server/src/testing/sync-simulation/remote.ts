/** The other side: a repository at GitHub in which somebody else commits, forces, merges, protects and renames. */
import { emptyTreeOid } from '@skein/git-model'
import type { TestGithub } from '../world.ts'
import { applyChange, below, type Chance, changeLine, oneOf } from './text-changes.ts'
import type { WordBook } from './word-book.ts'

export class SimulatedRemote {
  readonly repositoryId: number
  /** The folder that is linked; empty: all of it. */
  readonly directory: string
  readonly #github: TestGithub
  readonly #book: WordBook
  branch: string
  /** Every head that the branch ever had. */
  readonly heads = new Set<string>()
  #names = 0

  constructor(github: TestGithub, repositoryId: number, branch: string, book: WordBook, directory: string) {
    this.#github = github
    this.repositoryId = repositoryId
    this.branch = branch
    this.#book = book
    this.directory = directory
  }

  #inside(path: string): string {
    return this.directory === '' ? path : `${this.directory}/${path}`
  }

  /** The tree of what is linked, as a commit has it. */
  tree(commit: string): Promise<string> {
    if (this.directory === '') return this.#git('rev-parse', `${commit}^{tree}`)
    return this.#git('rev-parse', `${commit}:${this.directory}`).catch(() => emptyTreeOid)
  }

  head(): Promise<string | null> {
    return this.#github.readRef(this.repositoryId, `refs/heads/${this.branch}`)
  }

  /** Texts of a commit by path, of what is linked. */
  async texts(commit: string): Promise<Map<string, string>> {
    const within = this.directory === '' ? [] : ['--', `${this.directory}/`]
    const paths = await this.#git('ls-tree', '-r', '--name-only', commit, ...within)
    const texts = new Map<string, string>()
    for (const path of paths.split('\n').filter((name) => name.endsWith('.md'))) {
      // Git's answer comes without the end of its last line.
      texts.set(path, `${await this.#git('cat-file', 'blob', `${commit}:${path}`)}\n`)
    }
    return texts
  }

  /** Somebody commits: lines, a new file, a file renamed, gone, or made executable. */
  async commit(chance: Chance): Promise<void> {
    const before = await this.head()
    if (before === null) return
    const texts = await this.texts(before)
    const files = this.#change(chance, texts)
    if (files.length === 0) return
    const oid = await this.#github.commit(this.repositoryId, { branch: this.branch, files })
    this.heads.add(before).add(oid)
    // A push may have come between: then this commit takes away what it brought, and that is the remote's own doing.
    const parent = await this.#git('rev-parse', `${oid}^`)
    this.#book.saw(joined(await this.texts(parent)), joined(await this.texts(oid)))
  }

  #change(chance: Chance, texts: ReadonlyMap<string, string>) {
    const word = () => this.#book.next('remote')
    const paths = [...texts.keys()]
    const choice = chance()
    if (this.directory !== '' && choice > 0.8) return [{ path: 'outside.txt', content: `${++this.#names}\n` }]
    if (paths.length === 0 || choice < 0.12) {
      return [{ path: this.#inside(`remote-${++this.#names}.md`), content: `${word()}\n` }]
    }
    const path = oneOf(chance, paths)
    const text = texts.get(path) ?? ''
    if (choice < 0.18 && paths.length > 2) return [{ path, deleted: true as const }]
    if (choice < 0.26) return [{ path: this.#inside(`renamed-${++this.#names}.md`), renamedFrom: path }]
    if (choice < 0.3) return [{ path, content: text, mode: '100755' }]
    if (choice < 0.34) {
      const base64 = Buffer.from([0, below(chance, 255)]).toString('base64')
      return [{ path: this.#inside('image.bin'), base64 }]
    }
    return [{ path, content: applyChange(text, changeLine(chance, text, word)) }]
  }

  /** Somebody forces the branch to what it was some commits ago, or puts another last commit in place of its own. */
  async force(chance: Chance): Promise<void> {
    const before = await this.head()
    if (before === null) return
    const texts = await this.texts(before)
    this.heads.add(before)
    if (chance() < 0.5) {
      const line = (await this.#git('rev-list', '--first-parent', '-n', '4', before)).split('\n').filter(Boolean)
      if (line.length < 2) return
      await this.#github.moveRef(this.repositoryId, `refs/heads/${this.branch}`, line.at(-1) as string)
    } else {
      const path = oneOf(chance, [...texts.keys()])
      if (path === undefined) return
      const text = texts.get(path) ?? ''
      const content = applyChange(
        text,
        changeLine(chance, text, () => this.#book.next('remote')),
      )
      await this.#github.commit(this.repositoryId, { branch: this.branch, amend: true, files: [{ path, content }] })
    }
    const after = (await this.head()) as string
    this.heads.add(after)
    this.#book.sawRewrite(joined(texts), joined(await this.texts(after)))
  }

  /** The open pull request is merged in some way; false when there is none, or GitHub cannot merge it. */
  async mergePull(chance: Chance): Promise<boolean> {
    const open = (await this.#github.readPulls(this.repositoryId)).find(({ state }) => state === 'open')
    if (!open) return false
    const method = oneOf(chance, ['merge', 'squash', 'rebase'] as const)
    const body = { method, deleteHead: chance() < 0.3 }
    const isMerged = await this.#github.mergePull(this.repositoryId, open.number, body).then(
      ({ merged }) => merged,
      () => false,
    )
    const head = await this.head()
    if (head) this.heads.add(head)
    return isMerged
  }

  async openPulls(): Promise<number> {
    return (await this.#github.readPulls(this.repositoryId)).filter(({ state }) => state === 'open').length
  }

  /** Commits of ours there that have, outside of what is linked, something that none of their parents has. */
  async findMeddling(own: readonly string[]): Promise<string[]> {
    const found: string[] = []
    for (const commit of own) {
      const line = await this.#git('rev-list', '--parents', '-n', '1', commit).catch(() => '')
      if (line === '') continue
      const [mine, ...theirs] = await Promise.all(line.split(' ').map((oid) => this.#outside(oid)))
      if (mine !== '' && !theirs.includes(mine as string)) found.push(commit)
    }
    return found
  }

  async #outside(commit: string): Promise<string> {
    const lines = (await this.#git('ls-tree', '-r', commit)).split('\n')
    return lines.filter((line) => line !== '' && !line.includes(`\t${this.directory}/`)).join('\n')
  }

  protect(isProtected: boolean): Promise<unknown> {
    const protectedBranches = isProtected ? { [this.branch]: ['Changes must be made through a pull request.'] } : {}
    return this.#github.changeRepository(this.repositoryId, { protectedBranches })
  }

  rename(): Promise<unknown> {
    return this.#github.changeRepository(this.repositoryId, { name: `site-${this.repositoryId}-${++this.#names}` })
  }

  async renameBranch(): Promise<void> {
    const to = `trunk-${++this.#names}`
    await this.#github.changeRepository(this.repositoryId, { defaultBranch: to })
    this.branch = to
  }

  async #git(...args: string[]): Promise<string> {
    return this.#github.git(this.repositoryId, ...args)
  }
}

const joined = (texts: ReadonlyMap<string, string>): string => [...texts.values()].join('\n')
