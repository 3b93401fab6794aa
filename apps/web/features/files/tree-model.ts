// The tree of a project as data: from the flat list of files to folders and their children, ready for a virtual list. Folders
// are only the beginnings of paths; an empty one exists on this page alone until a file is put into it.

import type { File } from '@skein/protocol'

/** One row of the tree. Folders are named by path, files by id, so that a renamed file keeps its place in the state. */
export type TreeItem =
  | { kind: 'folder'; id: string; path: string; name: string }
  | { kind: 'file'; id: string; path: string; name: string; file: File }

export type TreeModel = {
  items: ReadonlyMap<string, TreeItem>
  /** Ids of the children of a folder, in the order in which they are shown. */
  children: ReadonlyMap<string, readonly string[]>
}

export const ROOT_ID = 'd:'
export const folderId = (path: string): string => `d:${path}`
export const fileItemId = (fileId: string): string => `f:${fileId}`

/** The last segment of a path. */
export const pathToName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** The folder of a path; '' at the top. */
export const pathToFolder = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
/** A path in a folder; `folder` is '' at the top. */
export const joinPath = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

/** Every folder that a path lies in, the outermost first. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = []
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    folders.push(path.slice(0, slash))
  }
  return folders
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compareItems(one: TreeItem, other: TreeItem): number {
  if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1
  return collator.compare(one.name, other.name) || (one.path < other.path ? -1 : 1)
}

/** Builds the tree of these files and of folders that are still empty. */
export function buildTree(files: readonly File[], emptyFolders: Iterable<string> = []): TreeModel {
  const items = new Map<string, TreeItem>([[ROOT_ID, { kind: 'folder', id: ROOT_ID, path: '', name: '' }]])
  const members = new Map<string, TreeItem[]>([[ROOT_ID, []]])

  const place = (item: TreeItem): void => {
    items.set(item.id, item)
    members.get(folderId(pathToFolder(item.path)))?.push(item)
  }
  const ensureFolder = (path: string): void => {
    const id = folderId(path)
    if (items.has(id)) return
    if (path.includes('/')) ensureFolder(pathToFolder(path))
    members.set(id, [])
    place({ kind: 'folder', id, path, name: pathToName(path) })
  }

  for (const folder of emptyFolders) ensureFolder(folder)
  for (const file of files) {
    const folder = pathToFolder(file.path)
    if (folder !== '') ensureFolder(folder)
    place({ kind: 'file', id: fileItemId(file.id), path: file.path, name: pathToName(file.path), file })
  }
  const children = new Map<string, readonly string[]>()
  for (const [id, folderItems] of members) {
    children.set(
      id,
      folderItems.sort(compareItems).map((item) => item.id),
    )
  }
  return { items, children }
}

/** All files inside a folder, at any depth. */
export const filesInFolder = (files: readonly File[], folder: string): File[] =>
  files.filter(({ path }) => folder === '' || path.startsWith(`${folder}/`))

/** What would be moved where: the new path of an item in a folder, or null when it is there already or would go into itself. */
export function movedPath(item: TreeItem, toFolder: string): string | null {
  if (pathToFolder(item.path) === toFolder) return null
  if (item.kind === 'folder' && (toFolder === item.path || toFolder.startsWith(`${item.path}/`))) return null
  return joinPath(toFolder, item.name)
}

/** Drops items that lie in another one of the list: moving or deleting a folder takes them along. */
export function outermost(items: readonly TreeItem[]): TreeItem[] {
  const folders = items.filter(({ kind }) => kind === 'folder').map(({ path }) => `${path}/`)
  return items.filter(({ path }) => !folders.some((folder) => path.startsWith(folder)))
}
