// The list of files as events change it. Pure: list and event in, list out; the order is by path, as the server gives it.

import type { File, FileId, FileList, ProjectEvent } from '@skein/protocol'

type FilesChanged = Extract<ProjectEvent, { type: 'files-changed' }>
type FilesDeleted = Extract<ProjectEvent, { type: 'files-deleted' }>

/** A change of the tree, as the project announces it. */
export type TreeEvent = FilesChanged | FilesDeleted

/** A file that was moved to the trash while this page was open, and by whom (null: by Skein). */
export type DeletedFile = { file: File; by: { id: string; name: string } | null }

const byPath = (one: File, other: File): number => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)

/** Puts files into the list, in the place of what it knew of them. */
export function putFiles(list: FileList, files: readonly File[], treeVersion = list.treeVersion): FileList {
  const changed = new Set(files.map(({ id }) => id))
  const items = [...list.items.filter(({ id }) => !changed.has(id)), ...files].sort(byPath)
  return { items, treeVersion: Math.max(list.treeVersion, treeVersion) }
}

/** Takes files out of the list. */
export function dropFiles(list: FileList, ids: readonly FileId[], treeVersion = list.treeVersion): FileList {
  const gone = new Set(ids)
  return {
    items: list.items.filter(({ id }) => !gone.has(id)),
    treeVersion: Math.max(list.treeVersion, treeVersion),
  }
}

/** The list after an event of the project; one that is older than the list changes nothing. */
export function applyTreeEvent(list: FileList, event: TreeEvent): FileList {
  if (event.treeVersion < list.treeVersion) return list
  return event.type === 'files-changed'
    ? putFiles(list, event.files, event.treeVersion)
    : dropFiles(
        list,
        event.files.map(({ id }) => id),
        event.treeVersion,
      )
}

/** What to remember of files that were deleted, so that open tabs can say by whom; restored ones are forgotten. */
export function rememberDeleted(
  deleted: ReadonlyMap<string, DeletedFile>,
  known: ReadonlyMap<string, File>,
  event: TreeEvent,
): ReadonlyMap<string, DeletedFile> {
  const next = new Map(deleted)
  if (event.type === 'files-changed') {
    for (const { id } of event.files) next.delete(id)
  } else {
    for (const { id } of event.files) {
      const file = known.get(id)
      if (file) next.set(id, { file, by: event.by })
    }
  }
  return next
}
