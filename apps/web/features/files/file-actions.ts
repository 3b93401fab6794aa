// What people do to files: create, rename, move, delete, restore, upload. The tree changes at once; a refusal puts it back and
// tells why, in the words of the server. Deleting and moving are undone from the toast.

import type { File, FileId, FileList } from '@skein/protocol'
import { FolderInput, Trash2 } from 'lucide-react'
import type { ToastMessage } from '../../components/toast.tsx'
import { toApiError } from '../../lib/api/error.ts'
import { dropFiles, putFiles } from './file-list.ts'
import * as api from './files-api.ts'
import { filesInFolder, joinPath, movedPath, outermost, pathToFolder, pathToName, type TreeItem } from './tree-model.ts'
import { uploadFile } from './upload.ts'

/** A refusal in words, for the place it concerns. */
export type FileFault = { path: string; message: string; hint: string | undefined }

/** What the actions work on: the list that is shown, and the ways to tell people. */
export type FileActionDeps = {
  projectId: string
  read: () => FileList
  change: (next: (list: FileList | undefined) => FileList | undefined) => void
  readAnew: () => void
  tell: (message: ToastMessage) => void
  fail: (fault: FileFault | null) => void
  markDeleted: (ids: readonly FileId[]) => void
}

type Move = { item: TreeItem; to: string }

const nounOf = (items: readonly TreeItem[]): string =>
  items.length === 1 ? (items[0]?.name ?? '') : `${items.length} items`

/** The item as it is after a move. */
function movedItem({ item, to }: Move): TreeItem {
  const name = pathToName(to)
  return item.kind === 'file'
    ? { ...item, path: to, name, file: { ...item.file, path: to } }
    : { ...item, path: to, name }
}

export class FileActions {
  private readonly deps: FileActionDeps

  constructor(deps: FileActionDeps) {
    this.deps = deps
  }

  /** Rejects with ApiError; the form that asked shows it. */
  async create(path: string): Promise<File> {
    this.deps.fail(null)
    const file = await api.createFile(this.deps.projectId, path)
    this.put([file])
    return file
  }

  async rename(item: TreeItem, name: string): Promise<void> {
    const to = joinPath(pathToFolder(item.path), name.trim())
    if (name.trim() !== '' && to !== item.path) await this.relocate({ item, to })
  }

  async move(items: readonly TreeItem[], folder: string): Promise<void> {
    const done: Move[] = []
    for (const item of outermost(items)) {
      const to = movedPath(item, folder)
      if (to !== null && (await this.relocate({ item, to }))) done.push({ item, to })
    }
    if (done.length === 0) return
    const goBack = async (): Promise<void> => {
      for (const move of done) await this.relocate({ item: movedItem(move), to: move.item.path })
    }
    this.deps.tell({
      icon: FolderInput,
      words: `${nounOf(done.map(({ item }) => item))} moved to ${folder === '' ? 'the top' : folder}`,
      action: { label: 'Undo', run: () => void goBack() },
    })
  }

  async trash(items: readonly TreeItem[]): Promise<void> {
    const { projectId, markDeleted, tell, fail } = this.deps
    const targets = outermost(items)
    const deleted: FileId[] = []
    fail(null)
    for (const item of targets) {
      const files = this.filesOf(item)
      const ids = files.map(({ id }) => id)
      this.deps.change((list) => list && dropFiles(list, ids))
      try {
        if (item.kind === 'file') await api.deleteFile(projectId, item.file.id)
        else if (files.length > 0) await api.deleteFolder(projectId, item.path)
        markDeleted(ids)
        deleted.push(...ids)
      } catch (error) {
        this.put(files)
        this.refused(item.path, error)
      }
    }
    if (deleted.length === 0) return
    const undo = { label: 'Undo', run: () => void this.restoreAll(deleted) }
    tell({ icon: Trash2, words: `${nounOf(targets)} moved to trash`, action: undo })
  }

  restore(fileId: FileId): Promise<void> {
    return this.restoreAll([fileId])
  }

  async upload(contents: readonly globalThis.File[], folder: string): Promise<void> {
    this.deps.fail(null)
    for (const content of contents) {
      const path = joinPath(folder, content.name)
      await this.send(
        path,
        content,
        this.deps.read().items.find((file) => file.path === path),
      )
    }
  }

  /** Puts other bytes in the place of a file's. */
  async replace(file: File, content: globalThis.File): Promise<void> {
    this.deps.fail(null)
    await this.send(file.path, content, file)
  }

  private async send(path: string, content: globalThis.File, existing: File | undefined): Promise<void> {
    try {
      this.put([await uploadFile(this.deps.projectId, path, content, existing)])
    } catch (error) {
      this.refused(path, error)
    }
  }

  private async relocate({ item, to }: Move): Promise<boolean> {
    const { projectId, fail } = this.deps
    const before = this.filesOf(item)
    fail(null)
    this.put(before.map((file) => ({ ...file, path: to + file.path.slice(item.path.length) })))
    try {
      if (item.kind === 'file') this.put([await api.moveFile(projectId, item.file.id, to)])
      else if (before.length > 0) this.put(await api.moveFolder(projectId, item.path, to))
      return true
    } catch (error) {
      this.put(before)
      this.refused(item.path, error)
      return false
    }
  }

  private async restoreAll(ids: readonly FileId[]): Promise<void> {
    for (const id of ids) {
      try {
        this.put([await api.restoreFile(this.deps.projectId, id)])
      } catch (error) {
        this.refused('', error)
      }
    }
  }

  private filesOf(item: TreeItem): File[] {
    return item.kind === 'file' ? [item.file] : filesInFolder(this.deps.read().items, item.path)
  }

  private put(files: readonly File[]): void {
    this.deps.change((list) => list && putFiles(list, files))
  }

  private refused(path: string, error: unknown): void {
    const { message, hint } = toApiError(error)
    this.deps.fail({ path, message, hint })
    this.deps.readAnew()
  }
}
