/** Makes one new file: text, or a symbolic link. */
import type { CreateFile, File } from '@skein/protocol'
import type { z } from 'zod'
import type { Actor } from '../../policies/actor.ts'
import type { BlobStore } from '../blob-store.ts'
import type { ProjectKey } from '../event-hub.ts'
import { changeTree, type TreeDeps } from './change-tree.ts'
import { fileToView } from './file-view.ts'
import { insertContents, type NewContent, symlinkToContent, textToContent } from './new-content.ts'
import { checkFileCount, checkPath, checkPlace } from './path-rules.ts'

/** Makes the file that the request describes. Line ends and byte order mark of its text become the file's own. */
export async function createFile(
  deps: TreeDeps & { blobs: BlobStore },
  project: ProjectKey,
  actor: Actor,
  input: z.output<typeof CreateFile>,
): Promise<File> {
  checkPath(input.path)
  const content =
    input.kind === 'symlink'
      ? await symlinkToContent(deps.blobs, project.workspaceId, input.content ?? '')
      : textToContent(input.path, input.content ?? '')
  return addFile(deps, project, actor, input.path, input.executable, content)
}

/** Adds a file with this content to the tree. The path has been checked by itself, not yet against the other files. */
export function addFile(
  deps: TreeDeps,
  project: ProjectKey,
  actor: Actor,
  path: string,
  executable: boolean,
  content: NewContent,
): Promise<File> {
  return changeTree(deps, project, actor, async (change) => {
    checkFileCount(change.fileCount, 1)
    await checkPlace(change.tx, project.projectId, path)
    const rows = await insertContents(change, [{ path, executable, content }])
    await change.changed(rows)
    return fileToView(rows[0] as (typeof rows)[0])
  })
}
