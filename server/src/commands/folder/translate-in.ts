/**
 * From GitHub to here: the history of a folder, as commits that hold nothing else. It is the line of first parents, of which each commit that changed the
 * folder becomes one of ours, with the folder's tree, and with its people, times and message. So the same remote commit is the same commit here,
 * whoever translates it. What we pushed ourselves is known by the map, also as a further parent of a merge.
 */
import { decodeCommit, emptyTreeOid, encodeObject, findFolder, type GitObject, rewriteCommit } from '@skein/git-model'
import type { Oid } from '@skein/protocol'

export interface MappedPair {
  remote: Oid
  local: Oid
  isOwn: boolean
}

/** What the translation reads: objects of the repository, and the map. */
export interface FolderReader {
  readCommit(oid: string): Promise<Uint8Array>
  readTree(oid: string): Promise<Uint8Array>
  findLocal(remote: readonly Oid[]): Promise<readonly MappedPair[]>
}

export interface TranslatedHead {
  /** The remote commit as one of ours. */
  local: Oid
  /** What it goes on from, of what was known before; null: nothing was. */
  base: Oid | null
  /** New commits, parents before children, and what they need beside the objects that are here. */
  commits: GitObject[]
  objects: GitObject[]
  pairs: MappedPair[]
}

interface Link {
  oid: Oid
  body: Uint8Array
  tree: string
  parents: Oid[]
}

/** So many commits are looked up in the map at once; the first time few, as most often few are new. */
const windowMax = 512

export async function translateHead(reader: FolderReader, directory: string, remote: Oid): Promise<TranslatedHead> {
  const { chain, known } = await readChain(reader, remote)
  const own = await findOwnParents(reader, chain)
  const folderOf = makeFolderLook(reader, directory)
  const base = known?.local ?? null
  const made: TranslatedHead = { local: remote, base, commits: [], objects: [], pairs: [] }
  let local = base
  let before = known === null ? null : await folderOf(decodeCommit(await reader.readCommit(known.remote)).tree)
  for (const { oid, body, tree, parents } of chain.reverse()) {
    const folder = await folderOf(tree)
    if (local === null || folder !== before) {
      const others = parents.slice(1).flatMap((parent) => own.get(parent) ?? [])
      const commit = rewriteCommit(body, {
        tree: folder,
        parents: [...new Set([...(local ? [local] : []), ...others])],
      })
      if (folder === emptyTreeOid) made.objects.push(encodeObject('tree', new Uint8Array()))
      made.commits.push(commit)
      local = commit.oid as Oid
      if (oid !== remote) made.pairs.push({ remote: oid, local, isOwn: false })
    }
    before = folder
  }
  if (local === null) throw new Error(`the history of ${remote} is empty`)
  if (chain.length > 0) made.pairs.push({ remote, local, isOwn: false })
  return { ...made, local }
}

/** The line of first parents down to what is known, the newest first. */
async function readChain(reader: FolderReader, remote: Oid): Promise<{ chain: Link[]; known: MappedPair | null }> {
  const chain: Link[] = []
  let at: Oid | undefined = remote
  for (let size = 1; at !== undefined; size = Math.min(size * 2, windowMax)) {
    const links: Link[] = []
    while (at !== undefined && links.length < size) {
      const link: Link = await readLink(reader, at)
      links.push(link)
      at = link.parents[0]
    }
    const found = new Map((await reader.findLocal(links.map(({ oid }) => oid))).map((pair) => [pair.remote, pair]))
    for (const link of links) {
      const known = found.get(link.oid)
      if (known !== undefined) return { chain, known }
      chain.push(link)
    }
  }
  return { chain, known: null }
}

async function readLink(reader: FolderReader, oid: Oid): Promise<Link> {
  const body = await reader.readCommit(oid)
  const { tree, parents } = decodeCommit(body)
  return { oid, body, tree, parents: parents as Oid[] }
}

/** What of ours was merged there: by the oid of its remote commit. */
async function findOwnParents(reader: FolderReader, chain: readonly Link[]): Promise<Map<Oid, Oid>> {
  const others = [...new Set(chain.flatMap(({ parents }) => parents.slice(1)))]
  const pairs = others.length === 0 ? [] : await reader.findLocal(others)
  return new Map(pairs.flatMap(({ remote, local, isOwn }) => (isOwn ? [[remote, local] as const] : [])))
}

/** The folder's tree in a root tree; where there is no such folder, the empty one. */
function makeFolderLook(reader: FolderReader, directory: string): (root: string) => Promise<string> {
  let last: { root: string; folder: string } | null = null
  return async (root) => {
    if (last?.root === root) return last.folder
    const found = await findFolder(root, directory, (oid) => reader.readTree(oid))
    last = { root, folder: found.is === 'folder' ? found.oid : emptyTreeOid }
    return last.folder
  }
}
