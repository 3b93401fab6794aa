/**
 * From here to GitHub: each commit of ours that is not there yet becomes one of the whole repository, on top of the remote head that we know. What is
 * outside of the folder is what the newest of its parents has there, so that nothing of somebody else's is ever undone. People, times and
 * message stay, so that the same commits on the same head are the same remote commits, whoever makes them.
 */
import { decodeCommit, emptyTreeOid, type GitObject, replaceFolder, rewriteCommit } from '@skein/git-model'
import type { Oid } from '@skein/protocol'
import type { MappedPair } from './translate-in.ts'

/** What the translation reads: objects and histories of the repository, and the map. */
export interface RemoteReader {
  readCommit(oid: string): Promise<Uint8Array>
  readTree(oid: string): Promise<Uint8Array>
  /** Whether a remote commit is in the history of another one. */
  isAncestor(ancestor: Oid, descendant: Oid): Promise<boolean>
  /** Remote commits that one of ours is, the newest first. */
  listRemotes(local: Oid): Promise<readonly Oid[]>
}

/** A head at GitHub, and what it is here. */
export interface Head {
  remote: Oid
  local: Oid
}

export interface TranslatedWork {
  /** What our head is there. */
  remote: Oid
  /** In the order in which they were made. */
  objects: GitObject[]
  pairs: MappedPair[]
}

/**
 * Translates `commits`, which lead to `local` and which none of `heads` holds, parents before children. `heads`: of the branch that is pushed to first, then
 * others that work may stand on; a first commit without parents goes on top of the first of them.
 */
export async function translateWork(
  reader: RemoteReader,
  directory: string,
  { local, commits, heads }: { local: Oid; commits: AsyncIterable<{ oid: Oid }>; heads: readonly Head[] },
): Promise<TranslatedWork> {
  const work: TranslatedWork = { remote: local, objects: [], pairs: [] }
  const places = new Places(reader, heads)
  const seen = new Set<string>()
  for await (const { oid } of commits) {
    const body = await reader.readCommit(oid)
    const { tree, parents } = decodeCommit(body)
    const stands = await Promise.all(parents.map((parent) => places.of(parent as Oid)))
    if (stands.length === 0 && heads[0]) stands.push({ remote: heads[0].remote, outside: heads[0].remote })
    const outside = await places.newest(stands.map(({ outside: source }) => source))
    const root = outside === null ? null : decodeCommit(await reader.readCommit(outside)).tree
    const readTree = (wanted: string) => reader.readTree(wanted)
    const edited = await replaceFolder(root, directory, tree === emptyTreeOid ? null : tree, readTree)
    const made = rewriteCommit(body, { tree: edited.oid, parents: [...new Set(stands.map(({ remote }) => remote))] })
    for (const object of [...edited.trees, made]) {
      if (!seen.has(object.oid)) work.objects.push(object)
      seen.add(object.oid)
    }
    places.put(oid, { remote: made.oid as Oid, outside })
    work.pairs.push({ remote: made.oid as Oid, local: oid, isOwn: true })
  }
  return { ...work, remote: (await places.of(local)).remote }
}

/** Where one of ours stands at GitHub, and the commit there that has what is outside of the folder; null: there is nothing yet. */
interface Stand {
  remote: Oid
  outside: Oid | null
}

class Places {
  readonly #reader: RemoteReader
  readonly #heads: readonly Head[]
  readonly #made = new Map<Oid, Stand>()
  readonly #newer = new Map<string, Oid>()

  constructor(reader: RemoteReader, heads: readonly Head[]) {
    this.#reader = reader
    this.#heads = heads
  }

  put(local: Oid, stand: Stand): void {
    this.#made.set(local, stand)
  }

  async of(local: Oid): Promise<Stand> {
    const made = this.#made.get(local)
    if (made) return made
    const stand = await this.#find(local)
    this.#made.set(local, stand)
    return stand
  }

  async #find(local: Oid): Promise<Stand> {
    const head = this.#heads.find((one) => one.local === local)
    if (head) return { remote: head.remote, outside: head.remote }
    // Of several tries to push it, the one that came to be in a head is meant.
    for (const remote of await this.#reader.listRemotes(local)) {
      for (const { remote: tip } of this.#heads) {
        if (await this.#reader.isAncestor(remote, tip)) return { remote, outside: remote }
      }
    }
    throw new Error(`nobody knows what commit ${local} is at GitHub`)
  }

  async newest(sources: readonly (Oid | null)[]): Promise<Oid | null> {
    let newest: Oid | null = null
    for (const source of sources) {
      if (source !== null) newest = newest === null ? source : await this.#newerOf(newest, source)
    }
    return newest
  }

  async #newerOf(one: Oid, other: Oid): Promise<Oid> {
    if (one === other) return one
    const key = `${one} ${other}`
    const known = this.#newer.get(key) ?? ((await this.#reader.isAncestor(one, other)) ? other : one)
    this.#newer.set(key, known)
    return known
  }
}
