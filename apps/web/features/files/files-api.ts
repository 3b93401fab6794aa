// The requests of the file tree, in one place. Every one answers with what the server now holds, or throws ApiError.

import { File, FileBatch, FileList } from '@skein/protocol'
import { projectKey } from '../../lib/api/projects.ts'
import { API, request, send } from '../../lib/api/request.ts'

/** Where the cache keeps the files of a project. */
export const filesKey = (projectId: string) => [...projectKey(projectId), 'files'] as const

const base = (projectId: string): string => `${API}/projects/${encodeURIComponent(projectId)}`
const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

export const listFiles = (projectId: string, signal?: AbortSignal): Promise<FileList> =>
  request(FileList, 'GET', `${base(projectId)}/files`, { signal })

export const createFile = (projectId: string, path: string): Promise<File> =>
  request(File, 'POST', `${base(projectId)}/files`, { body: { path, content: '' } })

export const moveFile = (projectId: string, fileId: string, path: string): Promise<File> =>
  request(File, 'PATCH', `${base(projectId)}/files/${fileId}`, { body: { path } })

export const deleteFile = (projectId: string, fileId: string): Promise<void> =>
  send('DELETE', `${base(projectId)}/files/${fileId}`)

/** Takes a file out of the trash, to where it was. */
export const restoreFile = (projectId: string, fileId: string): Promise<File> =>
  request(File, 'POST', `${base(projectId)}/trash/${fileId}/restore`, { body: {} })

export const moveFolder = (projectId: string, from: string, to: string): Promise<File[]> =>
  request(FileBatch, 'POST', `${base(projectId)}/folders/move`, { body: { from, to } }).then(({ items }) => items)

/** Moves a folder with everything in it to the trash. */
export const deleteFolder = (projectId: string, path: string): Promise<void> =>
  send('POST', `${base(projectId)}/folders/delete`, { body: { path } })

/** Where the bytes of a file are read from and put to. */
export const rawUrl = (projectId: string, path: string): string => `${base(projectId)}/raw/${encodePath(path)}`
