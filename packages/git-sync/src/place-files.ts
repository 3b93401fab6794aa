/**
 * Whether all files of a plan find their places: no two at one path, none inside another, no twins. What comes in gives way, to a free name beside;
 * nothing of ours is moved or overwritten for it.
 */
import { pathBytesMax, segmentBytesMax, twinKey } from '@skein/git-model'
import type { OverlapPolicy } from '@skein/protocol'
import { type FileConflictCase, type FilePlan, type FileSides, planFile } from './tree-plan.ts'

/** `F` is whatever the caller knows a file by. */
export interface PlannedFile<F extends FileSides> {
  file: F
  plan: FilePlan
}

/**
 * Plans all files of a merge. The paths are those after all actions: they are to be applied as a set, as files may exchange their names. Every file
 * that is here must be among `files`, changed or not, or places are thought free that are not.
 */
export function planTree<F extends FileSides>(files: readonly F[], policy: OverlapPolicy): PlannedFile<F>[] {
  const planned = files.map((file) => ({ file, plan: planFile(file, policy) }))
  const places = new Places()
  const incoming: { at: PlannedFile<F>; path: string; isOpaque: boolean }[] = []
  for (const at of planned) {
    const path = pathAfter(at)
    if (path === null) continue
    if (path === at.file.ours?.path) places.occupy(path)
    else incoming.push({ at, path, isOpaque: (at.file.theirs ?? at.file.ours)?.kind === 'opaque' })
  }
  incoming.sort((a, b) => (a.path < b.path ? -1 : 1))
  const settled = policy === 'ours' || policy === 'theirs' ? 'both' : null
  for (const { at, path, isOpaque } of incoming) {
    const place = places.find(path, isOpaque)
    places.occupy(place.path)
    const { action, conflicts } = at.plan
    if (place.what === null || action.do === 'keep' || action.do === 'delete') continue
    at.plan = { action: { ...action, path: place.path }, conflicts: [...conflicts, { what: place.what, settled }] }
  }
  return planned
}

/** Where the file lies when its action is done; null: nowhere. */
function pathAfter({ file, plan: { action } }: PlannedFile<FileSides>): string | null {
  switch (action.do) {
    case 'keep':
      return file.ours?.path ?? null
    case 'take':
    case 'merge-text':
    case 'add':
      return action.path
    case 'delete':
      return null
  }
}

type PathConflict = Extract<FileConflictCase, `path-${string}`>
/** Where a path leads, and what was in its way. */
type Place = { path: string; what: PathConflict | null }

/** The paths that are taken. What nobody may touch (opaque) was never free of twins, and needs only a path of its own. */
class Places {
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  // One spelling of each name, by twin key.
  readonly #fileByKey = new Map<string, string>()
  readonly #folderByKey = new Map<string, string>()
  readonly #keyByFolder = new Map<string, string>()
  // Folders that come in and had to give way: all that comes in below goes with them.
  readonly #redirects = new Map<string, Place>()

  occupy(path: string): void {
    this.#files.add(path)
    this.#fileByKey.set(this.#keyOf(path), path)
    for (const folder of foldersAbove(path)) {
      if (this.#folders.has(folder)) continue
      this.#folders.add(folder)
      const key = this.#keyOfFolder(folder)
      if (!this.#folderByKey.has(key)) this.#folderByKey.set(key, folder)
    }
  }

  /** The path itself when it is free, else a free name beside for the first of its names that is not. */
  find(wanted: string, isOpaque: boolean): Place {
    const names = wanted.split('/')
    const leaf = names.pop() ?? ''
    let folder = ''
    let what: PathConflict | null = null
    for (const name of names) {
      const path = folder + name
      let redirect = this.#redirects.get(path)
      if (!redirect) {
        redirect = this.#besideWhile(path, wanted, (candidate) => this.#blocksFolder(candidate, isOpaque))
        if (redirect.what) this.#redirects.set(path, redirect)
      }
      what ??= redirect.what
      folder = `${redirect.path}/`
    }
    const place = this.#besideWhile(folder + leaf, wanted, (candidate) => this.#blocksFile(candidate, isOpaque))
    return { path: place.path, what: what ?? place.what }
  }

  #besideWhile(path: string, wanted: string, findBlock: (path: string) => PathConflict | null): Place {
    const what = findBlock(path)
    let free = path
    for (let count = 1; findBlock(free) !== null; count++) free = nameBeside(path, wanted, count)
    return { path: free, what }
  }

  #blocksFile(path: string, isOpaque: boolean): PathConflict | null {
    if (this.#files.has(path)) return 'path-taken'
    if (this.#folders.has(path)) return 'path-folder'
    if (isOpaque) return null
    const key = this.#keyOf(path)
    if (this.#fileByKey.has(key)) return 'path-twin'
    return this.#folderByKey.has(key) ? 'path-folder' : null
  }

  #blocksFolder(path: string, isOpaque: boolean): PathConflict | null {
    if (this.#files.has(path)) return 'path-folder'
    if (isOpaque || this.#folders.has(path)) return null
    const key = this.#keyOfFolder(path)
    if (this.#fileByKey.has(key)) return 'path-folder'
    return this.#folderByKey.has(key) ? 'path-twin' : null
  }

  #keyOf(path: string): string {
    const slash = path.lastIndexOf('/')
    return slash < 0 ? twinKey(path) : `${this.#keyOfFolder(path.slice(0, slash))}/${twinKey(path.slice(slash + 1))}`
  }

  #keyOfFolder(folder: string): string {
    const known = this.#keyByFolder.get(folder)
    if (known !== undefined) return known
    const key = this.#keyOf(folder)
    this.#keyByFolder.set(folder, key)
    return key
  }
}

/** Of `a/b/c`: `a`, then `a/b`. */
function* foldersAbove(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) yield path.slice(0, slash)
}

/**
 * `docs/a (GitHub).md` for `docs/a.md`, numbered from the second on. Cut where the name, or the whole path that it begins, would become longer than
 * paths may be.
 */
function nameBeside(path: string, wanted: string, count: number): string {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ''
  const tail = `${count === 1 ? ' (GitHub)' : ` (GitHub ${count})`}${extension}`
  const room = Math.max(Math.min(segmentBytesMax, pathBytesMax - bytesOf(wanted) + bytesOf(name)) - bytesOf(tail), 1)
  const stem = [...name.slice(0, name.length - extension.length)]
  let bytes = bytesOf(stem.join(''))
  while (stem.length > 1 && bytes > room) bytes -= bytesOf(stem.pop() ?? '')
  return path.slice(0, slash) + stem.join('') + tail
}

const utf8 = new TextEncoder()
const bytesOf = (text: string): number => utf8.encode(text).length
