'use client'
// What people do to files: create, rename, move, delete, restore, upload. The tree changes at once; a refusal puts it back
// and tells why, in the words of the server. Deleting and moving are undone from the toast.

import type { File, FileId, FileList } from '@skein/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { FolderInput, Trash2 } from 'lucide-react'
import { useMemo } from 'react'
import { useToast } from '../../components/toast.tsx'
import { type ApiError, toApiError } from '../../lib/api/error.ts'
import { filesKey } from '../project/use-project-data.ts'
import { dropFiles, putFiles } from './file-list.ts'
import * as api from './files-api.ts'
import { filesInFolder, joinPath, movedPath, outermost, pathToFolder, pathToName, type TreeItem } from './tree-model.ts'
import { uploadFile } from './upload.ts'

/** A refusal in words, for the place it concerns. */
export type FileFault = { path: string; message: string; hint: string | undefined }

export type FileActions = {
  /** Rejects with ApiError; the form that asked shows it. */
  create: (path: string) => Promise<File>
  rename: (item: TreeItem, name: string) => Promise<void>
  move: (items: readonly TreeItem[], folder: string) => Promise<void>
  trash: (items: readonly TreeItem[]) => Promise<void>
  restore: (fileId: FileId) => Promise<void>
  upload: (files: readonly globalThis.File[], folder: string) => Promise<void>
  replace: (file: File, content: globalThis.File) => Promise<void>
}

const nounOf = (items: readonly TreeItem[]): string =>
  items.length === 1 ? (items[0]?.name ?? '') : `${items.length} items`

export function useFileActions(options: {
  projectId: string
  me: { id: string; name: string }
  onFault: (fault: FileFault | null) => void
  markDeleted: (ids: readonly FileId[], by: { id: string; name: string }) => void
}): FileActions {
  const { projectId, me, onFault, markDeleted } = options
  const client = useQueryClient()
  const toast = useToast()

  return useMemo(() => {
    const read = (): FileList => client.getQueryData<FileList>(filesKey(projectId)) ?? { items: [], treeVersion: 0 }
    const change = (next: (list: FileList) => FileList): void => {
      client.setQueryData<FileList>(filesKey(projectId), (list) => list && next(list))
    }
    const fail = (path: string, error: unknown): void => {
      const { message, hint }: ApiError = toApiError(error)
      onFault({ path, message, hint })
      void client.invalidateQueries({ queryKey: filesKey(projectId) })
    }
    const filesOf = (item: TreeItem): File[] =>
      item.kind === 'file' ? [item.file] : filesInFolder(read().items, item.path)

    const relocate = async (item: TreeItem, to: string): Promise<boolean> => {
      const before = filesOf(item)
      const moved = before.map((file) => ({ ...file, path: to + file.path.slice(item.path.length) }))
      onFault(null)
      change((list) => putFiles(list, moved))
      try {
        const files =
          item.kind === 'file'
            ? [await api.moveFile(projectId, item.file.id, to)]
            : before.length > 0
              ? await api.moveFolder(projectId, item.path, to)
              : []
        change((list) => putFiles(list, files))
        return true
      } catch (error) {
        change((list) => putFiles(list, before))
        fail(item.path, error)
        return false
      }
    }
    const restoreAll = async (ids: readonly FileId[]): Promise<void> => {
      for (const id of ids) {
        try {
          const file = await api.restoreFile(projectId, id)
          change((list) => putFiles(list, [file]))
        } catch (error) {
          fail('', error)
        }
      }
    }

    return {
      async create(path) {
        onFault(null)
        const file = await api.createFile(projectId, path)
        change((list) => putFiles(list, [file]))
        return file
      },
      async rename(item, name) {
        const to = joinPath(pathToFolder(item.path), name.trim())
        if (name.trim() !== '' && to !== item.path) await relocate(item, to)
      },
      async move(items, folder) {
        const moves = outermost(items).flatMap((item) => {
          const to = movedPath(item, folder)
          return to === null ? [] : [{ item, to }]
        })
        const done: { item: TreeItem; to: string }[] = []
        for (const step of moves) if (await relocate(step.item, step.to)) done.push(step)
        if (done.length === 0) return
        const goBack = async (): Promise<void> => {
          for (const { item, to } of done) {
            const now: TreeItem =
              item.kind === 'file'
                ? { ...item, path: to, file: { ...item.file, path: to } }
                : { ...item, path: to, name: pathToName(to) }
            await relocate(now, item.path)
          }
        }
        toast({
          icon: FolderInput,
          words: `${nounOf(done.map(({ item }) => item))} moved to ${folder === '' ? 'the top' : folder}`,
          action: { label: 'Undo', run: () => void goBack() },
        })
      },
      async trash(items) {
        const targets = outermost(items)
        const deleted: FileId[] = []
        onFault(null)
        for (const item of targets) {
          const files = filesOf(item)
          const ids = files.map(({ id }) => id)
          change((list) => dropFiles(list, ids))
          try {
            if (item.kind === 'file') await api.deleteFile(projectId, item.file.id)
            else if (files.length > 0) await api.deleteFolder(projectId, item.path)
            markDeleted(ids, me)
            deleted.push(...ids)
          } catch (error) {
            change((list) => putFiles(list, files))
            fail(item.path, error)
          }
        }
        if (deleted.length === 0) return
        toast({
          icon: Trash2,
          words: `${nounOf(targets)} moved to trash`,
          action: { label: 'Undo', run: () => void restoreAll(deleted) },
        })
      },
      restore: (fileId) => restoreAll([fileId]),
      async upload(files, folder) {
        onFault(null)
        for (const content of files) {
          const path = joinPath(folder, content.name)
          try {
            const existing = read().items.find((file) => file.path === path)
            const file = await uploadFile(projectId, path, content, existing)
            change((list) => putFiles(list, [file]))
          } catch (error) {
            fail(path, error)
          }
        }
      },
      async replace(file, content) {
        onFault(null)
        try {
          const replaced = await uploadFile(projectId, file.path, content, file)
          change((list) => putFiles(list, [replaced]))
        } catch (error) {
          fail(file.path, error)
        }
      },
    }
  }, [client, projectId, me, onFault, markDeleted, toast])
}
