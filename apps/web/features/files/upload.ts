// Uploading one file: its bytes go to its path as they are; the server decides whether they are text. A file that is
// dropped on a path that exists takes the place of what is there.

import { File } from '@skein/protocol'
import { bodyToApiError, noAnswerError } from '../../lib/api/error.ts'
import { rawUrl } from './files-api.ts'

/** Sends the content of a file to `path`, creating it or replacing `existing`; throws ApiError. */
export async function uploadFile(
  projectId: string,
  path: string,
  content: globalThis.File,
  existing: File | undefined,
): Promise<File> {
  let response: Response
  try {
    response = await fetch(rawUrl(projectId, path), {
      method: 'PUT',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/octet-stream', ...(existing ? {} : { 'if-none-match': '*' }) },
      body: content,
    })
  } catch {
    throw noAnswerError()
  }
  const body: unknown = await response.json().catch(() => undefined)
  const file = File.safeParse(body)
  if (!response.ok || !file.success) throw bodyToApiError(response.status, body)
  return file.data
}
