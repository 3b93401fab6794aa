/**
 * How commits of one project stand to each other, asked of Git at most once in a round: what is true of two commits stays true. Only what is not here
 * may come.
 */
import type { Relation } from '@skein/git-sync'
import type { Oid } from '@skein/protocol'
import type { ProjectKey } from '../event-hub.ts'
import type { GitStore } from '../git-store.ts'

export class Histories {
  readonly #git: Pick<GitStore, 'hasCommit' | 'mergeBase' | 'isAncestor' | 'diffTrees'>
  readonly #project: ProjectKey
  readonly #here = new Set<Oid>()
  readonly #known = new Map<string, unknown>()

  constructor(git: Pick<GitStore, 'hasCommit' | 'mergeBase' | 'isAncestor' | 'diffTrees'>, project: ProjectKey) {
    this.#git = git
    this.#project = project
  }

  /** Whether the commit was fetched, or is ours. */
  async isHere(oid: Oid): Promise<boolean> {
    if (this.#here.has(oid)) return true
    const isHere = await this.#git.hasCommit(this.#project, oid)
    if (isHere) this.#here.add(oid)
    return isHere
  }

  /** How our head stands to theirs; without one of them, or before it is here, `unknown`. */
  async relate(head: Oid | null, theirs: Oid | null): Promise<Relation> {
    if (head === null || theirs === null) return 'unknown'
    if (head === theirs) return 'equal'
    if (!(await this.isHere(theirs))) return 'unknown'
    const base = await this.#ask(`base ${head} ${theirs}`, () => this.#git.mergeBase(this.#project, head, theirs))
    if (base === null) return 'unrelated'
    if (base === theirs) return 'ahead'
    return base === head ? 'behind' : 'diverged'
  }

  /** Whether `descendant`, which is here, contains the commit: what is not here is in nothing that is. */
  async isIn(oid: Oid, descendant: Oid): Promise<boolean> {
    if (oid === descendant) return true
    if (!(await this.isHere(oid))) return false
    return this.#ask(`in ${oid} ${descendant}`, () => this.#git.isAncestor(this.#project, oid, descendant))
  }

  /** Whether both hold the same files; false before both are here. */
  async isSameTree(one: Oid | null, other: Oid | null): Promise<boolean> {
    if (one === null || other === null) return false
    if (one === other) return true
    if (!(await this.isHere(one)) || !(await this.isHere(other))) return false
    return this.#ask(`tree ${one} ${other}`, async () => {
      for await (const _difference of this.#git.diffTrees(this.#project, one, other)) return false
      return true
    })
  }

  async #ask<T>(question: string, ask: () => Promise<T>): Promise<T> {
    if (!this.#known.has(question)) this.#known.set(question, await ask())
    return this.#known.get(question) as T
  }
}
